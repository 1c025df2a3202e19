import { stableHash } from '../credentials/stable-hash.ts';
import { LEAST_INTERVAL_MS } from './interval.ts';
import type { Workload } from './workload.ts';

/** A time that is further ahead is from a clock that was wrong, or was set back since: nobody waits for it. */
const TOLERATED_MS = 5 * 60_000;

/** Between two restarts in the whole cluster: they take room for pods, and everybody's at once would take all of it. */
export const BETWEEN_RESTARTS_MS = 30_000;

/** What one takes of everybody's time: whoever looks does not look at once. */
const SLOT_MS = BETWEEN_RESTARTS_MS + 10_000;

/** Part of the interval by which a restart may come early, so that what was rolled out together is spread. */
const JITTER = 0.1;
const STEPS = 1_000;

const past = (times: readonly (number | undefined)[], now: number): readonly number[] =>
  times.filter((time) => time !== undefined).filter((time) => time - now <= TOLERATED_MS);

export interface Due {
  readonly workload: Workload;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Where others need their time as well, it may come as early as this. */
  readonly notBefore: number;
}

/**
 * When a workload is to be restarted: never later than its interval allows, and never within the least interval of the
 * last restart.
 * @param ours when it was last restarted by us, whatever has become of the record on its pod template
 */
export function dueOf(workload: Workload, intervalMs: number, ours: number | undefined, now: number): Due {
  const { createdAt, restartedAt, uid } = workload;
  const last = Math.max(...past([createdAt, restartedAt, ours], now));
  const early = intervalMs * JITTER * ((stableHash(uid) % STEPS) / STEPS);
  const notBefore = last + LEAST_INTERVAL_MS;
  return { workload, at: Math.max(last + intervalMs - early, notBefore), notBefore };
}

/**
 * What is due, the most overdue first; nothing while the last restart in the cluster is a moment ago.
 * @param restarts when anything was restarted last, by whomever
 */
export function whatIsDue(
  all: readonly Due[],
  restarts: readonly (number | undefined)[],
  now: number,
): readonly Workload[] {
  if (past(restarts, now).some((time) => now - time < BETWEEN_RESTARTS_MS)) return [];
  return inTurn(all.filter(({ workload }) => !workload.isPaused))
    .filter(({ at }) => at <= now)
    .toSorted((a, b) => a.at - b.at)
    .map(({ workload }) => workload);
}

/** Brings forward what would keep those behind it waiting beyond their own time. */
function inTurn(all: readonly Due[]): readonly Due[] {
  let next = Infinity;
  return all
    .toSorted((a, b) => b.at - a.at)
    .map((each) => {
      next = Math.min(each.at, next - SLOT_MS);
      return { ...each, at: Math.max(next, each.notBefore) };
    });
}
