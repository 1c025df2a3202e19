import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { withLock } from '../../src/cli/file-lock.ts';

const root = await mkdtemp(join(tmpdir(), 'tbot-injector-lock-'));
afterAll(() => rm(root, { recursive: true }));

it('runs one piece of work at a time', async () => {
  let running = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    most = Math.max(most, ++running);
    await sleep(20);
    running--;
  };
  const path = join(root, 'turns');
  await Promise.all([withLock(path, work), withLock(path, work), withLock(path, work)]);
  expect(most).toBe(1);
});

it('is free again after work that failed', async () => {
  const path = join(root, 'failed');
  await expect(withLock(path, () => Promise.reject(new Error('boom')))).rejects.toThrow('boom');
  await expect(withLock(path, () => Promise.resolve('done'))).resolves.toBe('done');
});

it('gives up waiting for a holder that does not finish', async () => {
  const path = join(root, 'held');
  await withLock(path, async () => {
    const impatient = { patienceMs: 100, abandonedAfterMs: 60_000 };
    await expect(withLock(path, () => Promise.resolve(), impatient)).rejects.toMatchObject({
      code: 'locked',
    });
  });
});
