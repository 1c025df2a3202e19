import { type BackoffLimits, API_BACKOFF } from '../../kubernetes/backoff.ts';

/** What a reconcile resolves to. */
export interface Result {
  /** Milliseconds after which the key comes again without a change; undefined: only a change brings it back. */
  readonly requeueAfterMs?: number | undefined;
  /** How much was written, for the rate limiter. */
  readonly writes?: number;
}

/** Keys that are to be reconciled. */
export interface Queue {
  add(key: string): void;
  /** Changes come in bursts: a key that waits a moment is reconciled once for all of them. */
  addAfter(key: string, delayMs: number): void;
}

/** One thing that the leading controller keeps as it is to be, key by key. */
export interface Reconciler {
  /** For logs and metrics. */
  readonly name: string;
  /**
   * Makes what the key names as it is to be. Never called twice at a time for one key.
   * @param signal ends with the leadership
   * @throws anything: it is reported, and the key comes again after a back-off
   */
  reconcile(key: string, signal: AbortSignal): Promise<Result>;
  /** Adds the first keys; changes and periodic work add theirs later. */
  start(queue: Queue): void;
  /** Closes what `start` has opened, after the last reconcile. */
  stop?(): Promise<void>;
  /** Resolves when the caches that it reads are synced; false: they were stopped before. Without: it starts at once. */
  readonly whenSynced?: () => Promise<boolean>;
  /** Keys at once; 1 by default. */
  readonly concurrency?: number;
  readonly backoff?: BackoffLimits;
  /** How loud a failure is in the log; `error` by default. One tenant's is a warning. */
  readonly failureLevel?: 'warn' | 'error';
  /** A key that has written this often within a minute waits before it writes again; by default there is no limit. */
  readonly maxWritesPerMinute?: number;
}

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
    backoff: API_BACKOFF,
    start: (queue) => {
      queue.add(KEY);
    },
    reconcile: async (_key, signal) => {
      await check(signal);
      return { requeueAfterMs: everyMs() };
    },
  };
}
