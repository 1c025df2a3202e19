import { BACKOFF } from '../../kubernetes/backoff.ts';
import type { Reconciler } from './reconciler.ts';

export interface PeriodicCheck extends Pick<Reconciler, 'name' | 'whenSynced'> {
  readonly everyMs: () => number;
  /** Looks at everything once. */
  readonly check: (signal: AbortSignal) => Promise<void>;
}

const KEY = 'all';

/** A reconciler with one key, which requeues itself. */
export function periodic({ everyMs, check, ...of }: PeriodicCheck): Reconciler {
  return {
    ...of,
    backoff: BACKOFF,
    start: (queue) => {
      queue.add(KEY);
    },
    reconcile: async (_key, signal) => {
      await check(signal);
      return { requeueAfterMs: everyMs() };
    },
  };
}
