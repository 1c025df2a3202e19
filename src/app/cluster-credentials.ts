import type { CredentialSource } from '../admission/sources.ts';
import { readStatus, STATUS_KEY, type CredentialStatus } from '../credentials/health.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { createInformerMonitor } from './informer-monitor.ts';

/** Where the controller says which credentials were never written. */
export interface StatusPlace {
  readonly namespace: string;
  readonly name: string;
}

export interface ClusterCredentials extends CredentialSource {
  stop(): Promise<void>;
}

const NOTHING: CredentialStatus = { neverWritten: {}, stale: {} };
const NONE: ReadonlySet<string> = new Set();

/**
 * What the controller's ConfigMap says, kept by an informer. Readiness does not wait for it: without it a pod is injected as
 * ever, and waits for its credential without having been warned.
 */
export async function watchCredentials(
  client: KubernetesClient,
  { namespace, name }: StatusPlace,
  log: Log,
  metrics: Metrics,
): Promise<ClusterCredentials> {
  const { Informer } = await import('../kubernetes/informer.ts');
  const informer = new Informer<CredentialStatus>({
    client,
    monitor: createInformerMonitor(log, metrics),
    resource: `configmaps/${name}`,
    path: `/api/v1/namespaces/${namespace}/configmaps`,
    query: { fieldSelector: `metadata.name=${name}` },
    read: (object) =>
      readStatus((object as { data?: Record<string, string> | null }).data?.[STATUS_KEY] ?? ''),
  });
  return {
    unwritten: (consumer) => {
      const { neverWritten } = informer.get(`${namespace}/${name}`) ?? NOTHING;
      const outputs = Object.hasOwn(neverWritten, consumer) ? neverWritten[consumer] : undefined;
      return outputs === undefined ? NONE : new Set(outputs);
    },
    stop: () => informer.stop(),
  };
}
