import type { InformerMonitor } from '../kubernetes/informer.ts';
import type { WatchReport } from '../kubernetes/watch-handlers.ts';
import { errorFields } from '../telemetry/fields.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/** Shows log and metrics what informers do. */
export function createInformerMonitor(log: Log, metrics: Metrics): InformerMonitor {
  return {
    informerStarted: (resource, informer) => {
      metrics.followInformer(resource, informer);
    },
    informerReported: (resource, report) => {
      logReport(log, resource, report);
    },
    informerStopped: (resource) => {
      metrics.unfollowInformer(resource);
    },
  };
}

function logReport(log: Log, resource: string, report: WatchReport): void {
  switch (report.kind) {
    case 'listed':
      log.info('watch listed', { resource, count: report.count });
      break;
    case 'restarting':
      // A watch that ends after its time is the normal case.
      log[report.failures > 0 ? 'warn' : 'debug']('watch restarting', {
        resource,
        reason: report.end.kind,
        failures: report.failures,
        delayMs: report.delayMs,
      });
      break;
    case 'malformed':
      log.warn('watch passed over an object it cannot read', { resource });
      break;
    case 'handler-failed':
      log.error('watch handler failed', { resource, ...errorFields(report.error) });
      break;
  }
}
