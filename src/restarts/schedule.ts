import { stableHash } from '../credentials/stable-hash.ts';
import { MIN_INTERVAL_MS, type RestartableWorkload } from './workload.ts';

/** A time further ahead than this comes from a wrong clock, or from before the clock was set back: it is ignored. */
const MAX_CLOCK_SKEW_MS = 5 * 60_000;

/** Part of the interval by which a restart may come early, so that workloads rolled out together do not restart together. */
const JITTER = 0.1;
const STEPS = 1_000;

/** All times in milliseconds since the epoch. */
export interface PlannedRestart {
  readonly workload: RestartableWorkload;
  readonly dueAt: number;
  /** Where other workloads need their time as well, the restart may be as early as this. */
  readonly notBefore: number;
  /** The end of the interval. */
  readonly deadline: number;
}

/**
 * When a workload is restarted: not later than its interval allows, and not within the shortest interval after its last
 * restart.
 * @param lastByUs when we last restarted it, for a user may have changed the record on its pod template
 */
export function planRestart(
  workload: RestartableWorkload,
  intervalMs: number,
  lastByUs: number | undefined,
  now: number,
): PlannedRestart {
  const { createdAt, restartedAt, uid } = workload;
  const known = [createdAt, restartedAt, lastByUs].filter((time) => time !== undefined);
  const last = Math.max(...known.filter((time) => time - now <= MAX_CLOCK_SKEW_MS));
  const early = intervalMs * JITTER * ((stableHash(uid) % STEPS) / STEPS);
  const notBefore = last + MIN_INTERVAL_MS;
  const deadline = last + intervalMs;
  return { workload, dueAt: Math.max(deadline - early, notBefore), notBefore, deadline };
}

/** Between two restarts in the whole cluster. Each needs room for new pods, and many at once would need all of it. */
export const MIN_BETWEEN_RESTARTS_MS = 30_000;

/** The time that one restart takes from all others: the check for the next one is periodic, so it comes a little later. */
const SLOT_MS = MIN_BETWEEN_RESTARTS_MS + 10_000;

/**
 * Whether the last restart was less than {@link MIN_BETWEEN_RESTARTS_MS} ago. A time further ahead is from before the
 * clock was set back.
 * @param last the last restart by us. The records on pod templates do not count: a tenant could write them to delay the
 *   restarts of others
 */
export function isTooSoon(last: number, now: number): boolean {
  return Math.abs(now - last) < MIN_BETWEEN_RESTARTS_MS;
}

export interface RestartTurns {
  /** By namespace: the higher the number, the later was its last turn. */
  readonly lastTurns: ReadonlyMap<string, number>;
  /** Whether a restart of the workload with this uid failed a short time ago. */
  readonly isBackedOff: (uid: string) => boolean;
}

/**
 * The workloads that are due, in the order of their restarts. Namespaces take turns (round robin): a namespace that needs
 * no more than its share of the time is never late, and a namespace that needs more delays only itself.
 */
export function dueRestarts(
  planned: readonly PlannedRestart[],
  { lastTurns, isBackedOff }: RestartTurns,
  now: number,
): readonly RestartableWorkload[] {
  const restartable = planned.filter(({ workload }) => !workload.isPaused && !workload.hasNoPods);
  const namespaces = Map.groupBy(restartable, ({ workload }) => workload.namespace);
  const roundMs = namespaces.size * SLOT_MS;
  return [...namespaces]
    .flatMap(([namespace, restarts]) =>
      bringForward(restarts, roundMs)
        .filter(({ dueAt, workload }) => dueAt <= now && !isBackedOff(workload.uid))
        .toSorted((a, b) => a.deadline - b.deadline)
        .map((restart, rank) => ({ ...restart, rank, lastTurn: lastTurns.get(namespace) ?? 0 })),
    )
    .toSorted((a, b) => a.rank - b.rank || a.lastTurn - b.lastTurn || a.deadline - b.deadline)
    .map(({ workload }) => workload);
}

/**
 * Makes restarts of one namespace due earlier where they would be late, or would make later ones late, with one turn in
 * each round.
 */
function bringForward(restarts: readonly PlannedRestart[], roundMs: number): readonly PlannedRestart[] {
  let next = Infinity;
  return restarts
    .map((each) => ({ ...each, dueAt: Math.min(each.dueAt, each.deadline - roundMs) }))
    .toSorted((a, b) => b.dueAt - a.dueAt)
    .map((each) => {
      next = Math.min(each.dueAt, next - roundMs);
      return { ...each, dueAt: Math.max(next, each.notBefore) };
    });
}
