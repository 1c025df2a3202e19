import type { CredentialSource } from '../admission/sources.ts';
import { readStatus, STATUS_KEY, type CredentialStatus } from '../credentials/health.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { logWatch } from './watch-log.ts';

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
 * What the controller's ConfigMap says, kept by a watch. Readiness does not wait for it: without it a pod is injected as
 * ever, and waits for its credential without having been warned.
 */
export async function watchCredentials(
  client: KubernetesClient,
  { namespace, name }: StatusPlace,
  log: Log,
  metrics: Metrics,
): Promise<ClusterCredentials> {
  const { SupervisedWatch } = await import('../kubernetes/watch.ts');
  let status = NOTHING;
  const resource = `configmaps/${name}`;
  const watch = new SupervisedWatch<CredentialStatus>({
    client,
    path: `/api/v1/namespaces/${namespace}/configmaps`,
    query: { fieldSelector: `metadata.name=${name}` },
    read: (object) =>
      readStatus((object as { data?: Record<string, string> | null }).data?.[STATUS_KEY] ?? ''),
    onChange: (change) => {
      if (change.kind === 'replaced') status = change.items[0] ?? NOTHING;
      else status = change.kind === 'set' ? change.item : NOTHING;
    },
    onReport: (report) => {
      logWatch(log, resource, report);
    },
  });
  metrics.followWatch(resource, watch);
  return {
    unwritten: (consumer) => {
      const outputs = Object.hasOwn(status.neverWritten, consumer)
        ? status.neverWritten[consumer]
        : undefined;
      return outputs === undefined ? NONE : new Set(outputs);
    },
    stop: () => watch.stop(),
  };
}
