import { fixedNamespaces, type CredentialSource, type NamespaceSource } from '../admission/sources.ts';
import type { ReadinessChecks } from '../health/app.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { watchCredentials, type StatusPlace } from './cluster-credentials.ts';
import { watchNamespaces } from './cluster-namespaces.ts';

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
