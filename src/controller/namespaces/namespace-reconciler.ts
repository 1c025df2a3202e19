import type { ConsumerNamespace, DesiredState } from '../../credentials/desired-state.ts';
import type { ClusterCache } from '../caches/cluster-cache.ts';
import type { EventRecorder } from '../runtime/event-recorder.ts';
import type { Reconciler } from '../runtime/reconciler.ts';
import type { CredentialStore } from './credential-store.ts';
import { reconcileNamespace } from './reconcile-namespace.ts';

export interface NamespaceReconcilerOptions {
  readonly cluster: Pick<
    ClusterCache,
    'namespace' | 'namespaces' | 'observed' | 'sees' | 'onChange' | 'whenSynced'
  >;
  readonly desiredStateOf: (namespace: ConsumerNamespace) => DesiredState;
  readonly store: CredentialStore;
  readonly events: EventRecorder;
  /** By the API server's clock. */
  readonly now: () => Date;
  readonly graceMs: number;
}

/** Times a minute that one namespace is written to: people mend less often, and loops of programs much more. */
const MAX_WRITES = 10;

/** Keeps Secrets and RoleBindings of each namespace: one that cannot be reconciled holds up no other. */
export function createNamespaceReconciler(options: NamespaceReconcilerOptions): Reconciler {
  const { cluster, desiredStateOf, now } = options;
  return {
    name: 'namespaces',
    concurrency: 8,
    maxWritesPerMinute: MAX_WRITES,
    whenSynced: () => cluster.whenSynced(),
    start: (queue) => {
      cluster.onChange((namespace) => {
        queue.add(namespace);
      });
      for (const { name } of cluster.namespaces()) queue.add(name);
    },
    reconcile: async (name) => {
      const namespace = cluster.namespace(name);
      if (namespace === undefined) return {};
      return reconcileNamespace({
        ...options,
        namespace: name,
        desired: desiredStateOf(namespace),
        observed: cluster.observed(name),
        isSeen: (bot) => cluster.sees(bot),
        now: now(),
      });
    },
  };
}
