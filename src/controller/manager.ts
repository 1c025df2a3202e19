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
  /** Closed, as the reconcilers are, when the last reconcile has ended. */
  readonly caches: readonly { stop(): Promise<void> }[];
}

/** @param client of the leader: its calls end with the leadership, and no write begins after it */
export type OpenTerm = (client: KubernetesClient, signal: AbortSignal) => Term;

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
  const { reconcilers, caches } = openTerm(leaderClient(client, leadership), signal);
  const queues = reconcilers.map((reconciler) => startReconciler(reconciler, client, signal, telemetry));
  await aborted(signal);
  await Promise.all(queues.map((queue) => queue.stop()));
  await Promise.all([...reconcilers, ...caches].map(async (each) => each.stop?.()));
}

function startReconciler(
  reconciler: Reconciler,
  client: KubernetesClient,
  signal: AbortSignal,
  { log, metrics }: Telemetry,
): WorkQueue {
  const { name: controller } = reconciler;
  const queue = new WorkQueue({
    ...reconciler,
    signal,
    reconcile: (key) => reconciler.reconcile(key, signal),
    throttledMs: () => client.throttledMs(),
    onError: (key, error, delayMs) => {
      metrics.reconcileErrors.inc({ controller });
      log.warn('reconcile failed', { controller, key, delayMs, ...errorFields(error) });
    },
    onRateLimited: (key) => {
      log.warn('reconciled more slowly: another writer undoes what is written', { controller, key });
    },
  });
  void startWhenSynced(reconciler, queue);
  return queue;
}

/** A partial view would take away what it does not see yet. */
async function startWhenSynced(reconciler: Reconciler, queue: WorkQueue): Promise<void> {
  if ((await reconciler.whenSynced?.()) !== false) reconciler.start(queue);
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
