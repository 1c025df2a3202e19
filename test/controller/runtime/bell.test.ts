import { expect, it } from 'vitest';
import { Bell } from '../../../src/controller/runtime/bell.ts';

const never = new AbortController().signal;
const LONG_MS = 3_600_000;

it('a bell wakes whoever waits', async () => {
  const bell = new Bell();
  const waiting = bell.wait(LONG_MS, never);
  bell.ring();
  await waiting;
});

it('a bell keeps a ring for whoever comes next, and no more than one', async () => {
  const bell = new Bell();
  bell.ring();
  bell.ring();
  await bell.wait(LONG_MS, never);
  const start = performance.now();
  await bell.wait(20, never);
  expect(performance.now() - start).toBeGreaterThan(15);
});

it('waiting for a bell ends with its signal', async () => {
  const stopping = new AbortController();
  const waiting = new Bell().wait(LONG_MS, stopping.signal);
  stopping.abort();
  await waiting;
  await new Bell().wait(LONG_MS, stopping.signal);
});
