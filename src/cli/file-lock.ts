import { mkdir, rmdir, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Another process held the lock for too long. */
export class LockError extends Error {
  readonly code = 'locked';

  constructor(message: string) {
    super(message);
    this.name = 'LockError';
  }
}

interface LockTiming {
  /** How long to wait for the holder, in milliseconds. */
  readonly patienceMs: number;
  /** A lock of this age has lost its holder: the work under it takes a second or two. */
  readonly abandonedAfterMs: number;
}

const TIMING: LockTiming = { patienceMs: 60_000, abandonedAfterMs: 20_000 };
const POLL_MS = 50;

/**
 * Runs `work` while no other process on this machine runs it under the same `path`. The lock is a folder, because `mkdir`
 * succeeds for one process only.
 * @throws LockError where the holder does not finish in time; what `work` throws
 */
export async function withLock<T>(path: string, work: () => Promise<T>, timing = TIMING): Promise<T> {
  const deadline = performance.now() + timing.patienceMs;
  while (!(await tryAcquire(path))) {
    if (performance.now() > deadline) {
      throw new LockError(`${path} is held by another process; remove it if none runs`);
    }
    if ((await ageMs(path)) > timing.abandonedAfterMs) await release(path);
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    await release(path);
  }
}

async function tryAcquire(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Two waiting processes may both remove an abandoned lock: either way it is gone. */
async function release(path: string): Promise<void> {
  try {
    await rmdir(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

async function ageMs(path: string): Promise<number> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0;
    throw error;
  }
}

/** The code that the operating system gave: `ENOENT`. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
