import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '../../kubernetes/backoff.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { DutyObserver } from './duty.ts';

export interface Persistence {
  /** The name of the duty that it is part of. */
  readonly duty: string;
  readonly client: KubernetesClient;
  readonly observer: DutyObserver;
  readonly signal: AbortSignal;
}

/** Takes one step after the other until `signal`; after one that failed only when a while has passed. */
export async function keepDoing(step: () => Promise<void>, persistence: Persistence): Promise<void> {
  const { duty, client, observer, signal } = persistence;
  let failures = 0;
  while (!isAborted(signal)) {
    try {
      await step();
      failures = 0;
    } catch (error) {
      // What was under way was given up.
      if (isAborted(signal)) return;
      const delayMs = Math.max(backoffMs(++failures, Math.random()), client.throttledMs());
      observer.dutyFailed({ duty, error, delayMs });
      await pause(delayMs, signal);
    }
  }
}

/** Ends early, and without an error, with `signal`. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** A function, for the checker takes the loop's own look at it for still true. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
