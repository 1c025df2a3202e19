import { mkdir, rmdir, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { CertificateError } from './error.ts';

interface LockTiming {
  /** How long to wait for the holder, in milliseconds. */
  readonly patienceMs: number;
  /** A lock of this age has lost its holder: what it guards takes a second or two. */
  readonly abandonedAfterMs: number;
}

const TIMING: LockTiming = { patienceMs: 60_000, abandonedAfterMs: 20_000 };
const POLL_MS = 50;

/**
 * Runs `work` while no other process on this machine runs it under the same `path`, a folder that
 * `mkdir` makes for one process alone.
 * @throws CertificateError `locked` when the holder outlasts the patience
 */
export async function withLock<T>(path: string, work: () => Promise<T>, timing = TIMING): Promise<T> {
  const deadline = performance.now() + timing.patienceMs;
  while (!(await took(path))) {
    if (performance.now() > deadline) {
      throw new CertificateError('locked', `${path} is held by another process; remove it if none runs`);
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

async function took(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Removing an abandoned lock can race with a second waiter doing the same: either way it is gone. */
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

export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
