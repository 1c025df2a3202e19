import type { KubernetesError } from './error.ts';

/** Why one watch connection is over. */
export type WatchEnd =
  /** The server closed it in good order, as it does after `timeoutSeconds`. */
  | { readonly kind: 'ended' }
  /** Nothing was heard for too long: the connection is dead, though no end of it came. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'failed'; readonly error: KubernetesError }
  /** We closed it. */
  | { readonly kind: 'aborted' };

export interface NextStep {
  /** LIST again before watching on, for the resourceVersion cannot be trusted any more. */
  readonly relist: boolean;
  /** Failures in a row, for the back-off; 0 means at once. */
  readonly failures: number;
}

/** A watch that lived this long was a good one, whatever ended it. */
const STEADY_MS = 5_000;

/**
 * What follows a watch that lived `livedMs` and came after `failures` failures. Life and not success is what clears
 * the count: a server that accepts every watch and drops it at once would otherwise be stormed.
 */
export function afterWatch(end: WatchEnd, livedMs: number, failures: number): NextStep {
  const steady = livedMs >= STEADY_MS;
  switch (end.kind) {
    case 'aborted':
    case 'ended':
    case 'silent':
      return { relist: false, failures: steady ? 0 : failures + 1 };
    case 'failed':
      return { relist: !canResume(end.error), failures: steady ? 1 : failures + 1 };
  }
}

/** Faults of the way, not of what was asked: the same resourceVersion will do once the way is free. */
function canResume(error: KubernetesError): boolean {
  return error.code === 'unreachable' || error.code === 'timeout' || error.code === 'throttled';
}
