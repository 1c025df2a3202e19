import { fixedNamespaces, type CredentialSource, type NamespaceSource } from '../admission/settings.ts';
import { readStatus, STATUS_KEY, type CredentialStatus } from '../credentials/health.ts';
import type { ReadinessChecks } from '../health/server.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { createInformerMonitor } from './informer-monitor.ts';

/** Where a webhook learns of Namespaces and credentials. */
export type SourceFlags =
  | {
      readonly kind: 'cluster';
      /** undefined: that of the pod. */
      readonly kubeconfig: string | undefined;
      /** undefined: nothing is known of credentials. */
      readonly status: StatusPlace | undefined;
    }
  /** Without a cluster: these labels are those of every namespace. */
  | { readonly kind: 'standalone'; readonly labels: Readonly<Record<string, string>> };

export interface WebhookSources {
  readonly namespaces: NamespaceSource;
  readonly credentials: CredentialSource | undefined;
  /** What of the sources readiness depends on. */
  readonly checks: ReadinessChecks;
  stop(): Promise<void>;
}

/** Opens the watches, where there is a cluster. @throws KubernetesError `configuration` */
export async function openSources(flags: SourceFlags, log: Log, metrics: Metrics): Promise<WebhookSources> {
  if (flags.kind === 'standalone') {
    const namespaces = fixedNamespaces(flags.labels);
    return { namespaces, credentials: undefined, checks: {}, stop: () => Promise.resolve() };
  }
  // The client's package takes most of a second to load; commands without a cluster do not pay for it.
  const { loadClient } = await import('../kubernetes/client.ts');
  const client = loadClient({ kubeconfig: flags.kubeconfig });
  const namespaces = await watchNamespaces(client, log, metrics);
  const credentials = flags.status && (await watchCredentials(client, flags.status, log, metrics));
  return {
    namespaces,
    credentials,
    checks: { namespaces: () => namespaces.synced },
    stop: async () => {
      await Promise.all([namespaces.stop(), credentials?.stop()]);
      await client.close();
    },
  };
}

export interface ClusterNamespaces extends NamespaceSource {
  readonly synced: boolean;
  stop(): Promise<void>;
}

/** The Namespaces of a cluster, kept by a watch. */
async function watchNamespaces(
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
async function watchCredentials(
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
