import type { NamespaceSource } from '../admission/sources.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { createInformerMonitor } from './informer-monitor.ts';

export interface ClusterNamespaces extends NamespaceSource {
  readonly synced: boolean;
  stop(): Promise<void>;
}

/** The Namespaces of a cluster, kept by a watch. */
export async function watchNamespaces(
  client: KubernetesClient,
  log: Log,
  metrics: Metrics,
): Promise<ClusterNamespaces> {
  const { createNamespaceReader } = await import('../kubernetes/namespaces.ts');
  const reader = createNamespaceReader({ client, monitor: createInformerMonitor(log, metrics) });
  return {
    cached: (name) => reader.get(name),
    read: async (name) => {
      const read = await reader.read(name);
      return read.kind === 'failed' ? { kind: 'unreadable', reason: read.error.message } : read;
    },
    get synced() {
      return reader.synced;
    },
    stop: () => reader.stop(),
  };
}
