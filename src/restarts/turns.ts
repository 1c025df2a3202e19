import type { Due } from './due.ts';
import type { RestartableWorkload } from './workload.ts';

/** Between two restarts in the whole cluster: they take room for pods, and everybody's at once would take all of it. */
export const BETWEEN_RESTARTS_MS = 30_000;

/** What one takes of everybody's time: whoever looks does not look at once. */
const SLOT_MS = BETWEEN_RESTARTS_MS + 10_000;

/**
 * Whether the last restart is a moment ago. Ours alone count: what stands on pod templates is written by tenants, who
 * could hold up everybody by it. One that is further ahead is from before the clock was set back.
 */
export function isTooSoon(last: number, now: number): boolean {
  return Math.abs(now - last) < BETWEEN_RESTARTS_MS;
}

export interface Turns {
  /** The higher, the later a namespace had its last turn. */
  readonly of: ReadonlyMap<string, number>;
  /** Whether a workload is left alone for a while, by its uid: something has refused its restart. */
  readonly rests: (uid: string) => boolean;
}

/**
 * What is due, in the order in which it is to be tried. Namespaces take turns, so that nobody is late because others ask
 * for much: whoever has no more than its part of the time is in time, and the others are late at their own expense.
 */
export function whatIsDue(all: readonly Due[], turns: Turns, now: number): readonly RestartableWorkload[] {
  const asking = all.filter(({ workload }) => !workload.isPaused && !workload.hasNoPods);
  const namespaces = Map.groupBy(asking, ({ workload }) => workload.namespace);
  const roundMs = namespaces.size * SLOT_MS;
  return [...namespaces]
    .flatMap(([namespace, its]) =>
      inTime(its, roundMs)
        .filter(({ at, workload }) => at <= now && !turns.rests(workload.uid))
        .toSorted((a, b) => a.by - b.by)
        .map(({ workload, by }, rank) => ({ workload, by, rank, turn: turns.of.get(namespace) ?? 0 })),
    )
    .toSorted((a, b) => a.rank - b.rank || a.turn - b.turn || a.by - b.by)
    .map(({ workload }) => workload);
}

/** Brings forward what would be late, or would make those behind it late, with one turn in each round. */
function inTime(its: readonly Due[], roundMs: number): readonly Due[] {
  let next = Infinity;
  return its
    .map((each) => ({ ...each, at: Math.min(each.at, each.by - roundMs) }))
    .toSorted((a, b) => b.at - a.at)
    .map((each) => {
      next = Math.min(each.at, next - roundMs);
      return { ...each, at: Math.max(next, each.notBefore) };
    });
}
