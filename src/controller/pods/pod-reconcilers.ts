import type { Config } from '../../config/schema.ts';
import { mayBeEvicted } from '../../credentials/annotated-pod.ts';
import type { ConsumerNamespace, DesiredState, Destination } from '../../credentials/desired-state.ts';
import { isFresh } from '../../credentials/health.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { ClusterCache } from '../caches/cluster-cache.ts';
import type { PodCache } from '../caches/pod-cache.ts';
import type { DeduplicatingRecorder } from '../runtime/event-recorder.ts';
import { periodic, type Reconciler } from '../runtime/reconciler.ts';
import { PodEvictions } from './pod-evictions.ts';
import { PodsWithRevokedCredentials } from './pods-with-revoked-credentials.ts';
import { UninjectedPods } from './uninjected-pods.ts';

export interface PodReconcilersOptions {
  readonly client: KubernetesClient;
  readonly config: Config;
  readonly cluster: ClusterCache;
  readonly pods: PodCache;
  readonly desiredStateOf: (namespace: ConsumerNamespace) => DesiredState;
  readonly events: DeduplicatingRecorder;
  /** By the API server's clock. */
  readonly now: () => Date;
  /** Whether pods that were not injected are evicted. */
  readonly evicts: boolean;
  readonly log: Log;
  readonly metrics: Metrics;
}

const CHECK_EVERY_MS = 10_000;

/** Pods that asked and were not injected, and pods that go on with credentials which are not renewed any more. */
export function podReconcilers(options: PodReconcilersOptions): readonly Reconciler[] {
  const { cluster, pods, desiredStateOf, evicts, now } = options;
  const all = () => [...pods.values()];
  const desiredStateIn = (name: string): DesiredState | undefined => {
    const namespace = cluster.namespace(name);
    return namespace && desiredStateOf(namespace);
  };
  const uninjected = new UninjectedPods({
    ...options,
    pods: all,
    isOptedIn: (name) => desiredStateIn(name)?.optedIn === 'yes',
    evictions: evicts ? openEvictions(options, desiredStateIn) : undefined,
  });
  const revoked = new PodsWithRevokedCredentials({ ...options, pods: all, desiredStateIn });
  const shared = { whenSynced: () => cluster.whenSynced(), everyMs: () => CHECK_EVERY_MS };
  return [
    periodic({ ...shared, name: 'uninjected-pods', check: () => uninjected.check(now()) }),
    periodic({ ...shared, name: 'pods-with-revoked-credentials', check: () => revoked.check() }),
  ];
}

function openEvictions(
  options: PodReconcilersOptions,
  desiredStateIn: (namespace: string) => DesiredState | undefined,
): PodEvictions {
  const { cluster, pods, config } = options;
  return new PodEvictions({
    ...options,
    pods: () => [...pods.values()],
    mayBeEvicted: (pod, now) => {
      const desired = desiredStateIn(pod.namespace);
      const { secrets } = cluster.observed(pod.namespace);
      const isReady = (each: Destination): boolean =>
        isFresh(each, secrets.get(each.secretName), config.bots, now);
      return desired !== undefined && mayBeEvicted(pod, desired, isReady);
    },
  });
}
