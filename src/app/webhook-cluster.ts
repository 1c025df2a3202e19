import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { watchCredentials, type ClusterCredentials, type StatusPlace } from './cluster-credentials.ts';
import { watchNamespaces, type ClusterNamespaces } from './cluster-namespaces.ts';

/** What a webhook learns from its cluster. */
export interface ClusterSources {
  readonly namespaces: ClusterNamespaces;
  /** Where nobody has said where to read of them: undefined. */
  readonly credentials: ClusterCredentials | undefined;
  stop(): Promise<void>;
}

export interface ClusterSourcesOptions {
  readonly kubeconfig: string | undefined;
  readonly status: StatusPlace | undefined;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Opens the watches. @throws KubernetesError `configuration` */
export async function openSources({
  kubeconfig,
  status,
  log,
  metrics,
}: ClusterSourcesOptions): Promise<ClusterSources> {
  // The client's package takes most of a second to load; commands without a cluster do not pay for it.
  const { loadClient } = await import('../kubernetes/client.ts');
  const client = loadClient({ kubeconfig });
  const namespaces = await watchNamespaces(client, log, metrics);
  const credentials = status && (await watchCredentials(client, status, log, metrics));
  return {
    namespaces,
    credentials,
    stop: async () => {
      await Promise.all([namespaces.stop(), credentials?.stop()]);
      await client.close();
    },
  };
}
