import type { ClusterCache } from '../caches/cluster-cache.ts';
import { periodic } from '../runtime/periodic.ts';
import type { Reconciler } from '../runtime/reconciler.ts';
import { WorkloadRestarts, type WorkloadRestartsOptions } from './workload-restarts.ts';

export interface RestartReconcilerOptions extends WorkloadRestartsOptions {
  readonly cluster: ClusterCache;
  /** By the API server's clock. */
  readonly now: () => Date;
}

const CHECK_EVERY_MS = 10_000;

/** Restarts the workloads that ask for it, one after the other. */
export function createRestartReconciler(options: RestartReconcilerOptions): Reconciler {
  const restarts = new WorkloadRestarts(options);
  return periodic({
    name: 'workload-restarts',
    whenSynced: () => options.cluster.whenSynced(),
    everyMs: () => CHECK_EVERY_MS,
    check: () => restarts.restartNext(options.now()),
  });
}
