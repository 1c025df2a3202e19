import { stableHash } from '../credentials/stable-hash.ts';
import { LEAST_INTERVAL_MS } from './interval.ts';
import type { RestartableWorkload } from './workload.ts';

/** A time that is further ahead is from a clock that was wrong, or was set back since: nobody waits for it. */
const TOLERATED_MS = 5 * 60_000;

/** Part of the interval by which a restart may come early, so that what was rolled out together is spread. */
const JITTER = 0.1;
const STEPS = 1_000;

export interface Due {
  readonly workload: RestartableWorkload;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Where others need their time as well, it may come as early as this. */
  readonly notBefore: number;
  /** Later it is late. */
  readonly by: number;
}

/**
 * When a workload is to be restarted: never later than its interval allows, and never within the least interval of the
 * last restart.
 * @param ours when it was last restarted by us, whatever has become of the record on its pod template
 */
export function dueOf(
  workload: RestartableWorkload,
  intervalMs: number,
  ours: number | undefined,
  now: number,
): Due {
  const { createdAt, restartedAt, uid } = workload;
  const known = [createdAt, restartedAt, ours].filter((time) => time !== undefined);
  const last = Math.max(...known.filter((time) => time - now <= TOLERATED_MS));
  const early = intervalMs * JITTER * ((stableHash(uid) % STEPS) / STEPS);
  const notBefore = last + LEAST_INTERVAL_MS;
  const by = last + intervalMs;
  return { workload, at: Math.max(by - early, notBefore), notBefore, by };
}
