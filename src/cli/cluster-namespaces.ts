import type { NamespaceSource } from '../admission/namespaces.ts';
import type { WatchReport } from '../kubernetes/delivery.ts';
import { errorFields, type LogFields } from '../telemetry/fields.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';

export interface ClusterNamespaces extends NamespaceSource {
  readonly synced: boolean;
  stop(): Promise<void>;
}

/** The Namespaces of a cluster, kept by a watch. */
export async function watchNamespaces(
  kubeconfig: string | undefined,
  log: Log,
  metrics: Metrics,
): Promise<ClusterNamespaces> {
  // The client's package takes most of a second to load; commands without a cluster do not pay for it.
  const { loadClient } = await import('../kubernetes/client.ts');
  const { createNamespaceReader } = await import('../kubernetes/namespaces.ts');
  const client = loadClient({ kubeconfig });
  const reader = createNamespaceReader({
    client,
    onReport: (report) => {
      logReport(log, report);
    },
  });
  metrics.followWatch('namespaces', reader);
  return {
    cached: (name) => reader.get(name),
    read: async (name) => {
      const result = await reader.read(name);
      if (result.kind === 'failed') throw result.error;
      return result.kind === 'found' ? result.namespace : undefined;
    },
    get synced() {
      return reader.synced;
    },
    stop: async () => {
      await reader.stop();
      await client.close();
    },
  };
}

const RESOURCE = { resource: 'namespaces' } as const satisfies LogFields;

function logReport(log: Log, report: WatchReport): void {
  switch (report.kind) {
    case 'listed':
      log.info('watch listed', { ...RESOURCE, count: report.count });
      break;
    case 'restarting':
      // A watch that ends after its time is the normal case.
      log[report.failures > 0 ? 'warn' : 'debug']('watch restarting', {
        ...RESOURCE,
        reason: report.end.kind,
        failures: report.failures,
        delayMs: report.delayMs,
      });
      break;
    case 'malformed':
      log.warn('watch passed over an object it cannot read', RESOURCE);
      break;
    case 'handler-failed':
      log.error('watch handler failed', { ...RESOURCE, ...errorFields(report.error) });
      break;
  }
}
