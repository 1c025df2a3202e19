import type { AdmissionRecord, WebhookObserver } from '../admission/settings.ts';
import { errorFields } from '../telemetry/fields.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/** Tells log and metrics of every review. Pods that were left alone are only worth a line when debugging. */
export function createWebhookObserver(log: Log, metrics: Metrics): WebhookObserver {
  return {
    started: () => {
      metrics.inFlightAdmissions.inc();
    },
    finished: (record) => {
      const { endpoint, outcome, reason, namespace = '', seconds } = record;
      metrics.inFlightAdmissions.dec();
      metrics.admissions.inc({ endpoint, outcome, reason });
      metrics.admissionDuration.observe({ endpoint }, seconds);
      metrics.admissionsByNamespace.inc({ namespace, outcome });
      log[levelOf(record)]('review answered', fieldsOf(record));
    },
    certificate: ({ notAfter }) => {
      metrics.certificateExpiry.set({ certificate: 'serving' }, notAfter.getTime() / 1000);
      log.info('serving certificate', { notAfter: notAfter.toISOString() });
    },
    certificateFault: ({ code, reason }) => {
      metrics.certificateFaults.inc({ certificate: 'serving', reason: code });
      log.warn('serving certificate cannot be used', { code, reason });
    },
  };
}

function levelOf({ outcome, error }: AdmissionRecord): 'debug' | 'info' | 'warn' | 'error' {
  if (error !== undefined) return 'error';
  if (outcome === 'unchanged' || outcome === 'checked') return 'debug';
  return outcome === 'injected' || outcome === 'refused' ? 'info' : 'warn';
}

function fieldsOf({ seconds, error, ...record }: AdmissionRecord): Parameters<Log['info']>[1] {
  const durationMs = Math.round(seconds * 1e6) / 1e3;
  return { ...record, durationMs, ...(error === undefined ? {} : errorFields(error)) };
}
