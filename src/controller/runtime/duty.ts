import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '../../kubernetes/backoff.ts';
import type { Leadership } from '../../kubernetes/elector.ts';

/** Something that the leading controller, and no other, looks after. */
export interface Duty {
  /** For logs and metrics. */
  readonly name: string;
  /** Runs until `leadership.signal` aborts. What it throws is reported, and it begins anew. */
  run(leadership: Leadership): Promise<void>;
}

export interface DutyObserver {
  dutyFailed(failure: { readonly duty: string; readonly error: unknown; readonly delayMs: number }): void;
}

/** Runs every duty until the leadership ends; one that fails does not disturb the others. */
export async function runDuties(
  duties: readonly Duty[],
  leadership: Leadership,
  observer: DutyObserver,
): Promise<void> {
  await Promise.all([
    aborted(leadership.signal),
    ...duties.map((duty) => supervise(duty, leadership, observer)),
  ]);
}

/** Who has no duty leads as well, and says so. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}

async function supervise(duty: Duty, leadership: Leadership, observer: DutyObserver): Promise<void> {
  const { signal } = leadership;
  for (let failures = 1; !signal.aborted; failures++) {
    try {
      await duty.run(leadership);
    } catch (error) {
      const delayMs = backoffMs(failures, Math.random());
      observer.dutyFailed({ duty: duty.name, error, delayMs });
      await sleep(delayMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
