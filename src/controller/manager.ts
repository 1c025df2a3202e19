import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '../kubernetes/backoff.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import type { Leadership } from '../kubernetes/elector.ts';
import { leaderClient } from '../kubernetes/leader-client.ts';
import { errorFields } from '../telemetry/fields.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Reconciler } from './runtime/reconciler.ts';
import { WorkQueue } from './runtime/work-queue.ts';

/** What one term of leading works with; the next term begins with nothing of it. */
export interface Term {
  readonly reconcilers: readonly Reconciler[];
  /** Closed with the leadership; a reconcile that is under way may still read them. */
  readonly caches: readonly { stop(): Promise<void> }[];
}

/** @param client of the leader: its calls end with the leadership, and no write begins after it */
export type OpenTerm = (client: KubernetesClient) => Term;

export interface Telemetry {
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'reconcileErrors'>;
}

/** Runs every reconciler on a work queue of its own until the leadership ends; nothing that was begun outlives it. */
export async function runManager(
  client: KubernetesClient,
  openTerm: OpenTerm,
  leadership: Leadership,
  telemetry: Telemetry,
): Promise<void> {
  const { signal } = leadership;
  const { reconcilers, caches } = openTerm(leaderClient(client, leadership));
  const queues = reconcilers.map((reconciler) => startReconciler(reconciler, client, signal, telemetry));
  await aborted(signal);
  // The watches of caches do not wait for the slowest reconcile: they are no calls of the leader's client.
  await Promise.all([...queues, ...caches].map((each) => each.stop()));
  await Promise.all(reconcilers.map(async (reconciler) => reconciler.stop?.()));
}

function startReconciler(
  reconciler: Reconciler,
  client: KubernetesClient,
  signal: AbortSignal,
  { log, metrics }: Telemetry,
): WorkQueue {
  const { name: controller, failureLevel = 'error' } = reconciler;
  const onError = (key: string | undefined, error: unknown, delayMs: number): void => {
    metrics.reconcileErrors.inc({ controller });
    log[failureLevel]('reconcile failed', { controller, key, delayMs, ...errorFields(error) });
  };
  const queue = new WorkQueue({
    ...reconciler,
    signal,
    reconcile: (key) => reconciler.reconcile(key, signal),
    throttledMs: () => client.throttledMs(),
    onError,
    onRateLimited: (key) => {
      log.warn('reconciled more slowly: another writer undoes what is written', { controller, key });
    },
  });
  void startWhenSynced(reconciler, queue, signal, onError);
  return queue;
}

/** A partial view would take away what it does not see yet. A start that throws is tried again, and ends no process. */
async function startWhenSynced(
  reconciler: Reconciler,
  queue: WorkQueue,
  signal: AbortSignal,
  onError: (key: undefined, error: unknown, delayMs: number) => void,
): Promise<void> {
  if ((await reconciler.whenSynced?.()) === false) return;
  for (let failures = 1; !signal.aborted; failures++) {
    try {
      reconciler.start(queue);
      return;
    } catch (error) {
      const delayMs = backoffMs(failures, Math.random());
      onError(undefined, error, delayMs);
      await sleep(delayMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Resolves with the signal, at once where it has fired. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}
