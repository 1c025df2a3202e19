import { expect, it } from 'vitest';
import { runDuties, type DutyObserver } from '../../../src/controller/runtime/duty.ts';
import { eventually } from '../../cluster/harness/eventually.ts';

it('a duty that fails begins anew, is told of, and disturbs no other', async () => {
  const ending = new AbortController();
  const failures: Parameters<DutyObserver['dutyFailed']>[0][] = [];
  let steady = 0;
  let runs = 0;
  const untilEnd = () =>
    new Promise<void>((resolve) => {
      ending.signal.addEventListener('abort', () => {
        resolve();
      });
    });
  const done = runDuties(
    [
      {
        name: 'failing',
        run: () => (++runs === 1 ? Promise.reject(new Error('a bug')) : untilEnd()),
      },
      {
        name: 'steady',
        run: () => {
          steady++;
          return untilEnd();
        },
      },
    ],
    { signal: ending.signal, holds: () => true },
    { dutyFailed: (failure) => failures.push(failure) },
  );
  await eventually('it runs again', () => runs === 2 || undefined);
  ending.abort();
  await done;
  expect(failures).toEqual([
    { duty: 'failing', error: new Error('a bug'), delayMs: expect.any(Number) as number },
  ]);
  expect(steady).toBe(1);
});

it('who has no duty leads until the end as well', async () => {
  const ending = new AbortController();
  let isOver = false;
  const done = runDuties(
    [],
    { signal: ending.signal, holds: () => true },
    { dutyFailed: () => undefined },
  ).then(() => (isOver = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isOver).toBe(false);
  ending.abort();
  await done;
});
