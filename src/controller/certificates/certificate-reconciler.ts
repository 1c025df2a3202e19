import type { RotationStep } from '../../certificates/rotation-facts.ts';
import { API_BACKOFF } from '../../kubernetes/backoff.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { CLOCKS } from '../../kubernetes/clocks.ts';
import { Informer, type InformerMonitor } from '../../kubernetes/informer.ts';
import { resourceVersionOf } from '../../kubernetes/list.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { ReleaseNames } from '../names.ts';
import type { Reconciler } from '../runtime/reconciler.ts';
import { createCertificateStore } from './certificate-store.ts';
import { UnchangedTimer, rotate, type CertificateReport } from './rotate.ts';
import { WEBHOOK_CONFIGURATIONS } from './webhook-configurations.ts';

export interface CertificateReconcilerOptions {
  readonly client: KubernetesClient;
  readonly namespace: string;
  readonly names: ReleaseNames;
  /** Names and addresses under which the webhook is called. */
  readonly servingNames: readonly string[];
  readonly monitor: InformerMonitor;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** The wall clock is looked at this often: a timer for a day three months ahead would not survive a night's sleep. */
const CHECK_EVERY_MS = 60_000;

/** Changes come in bursts, our own writes among them. */
const DEBOUNCE_MS = 250;

/** In a minute, before the next one waits. */
const MAX_WRITES = 60;

const KEY = 'all';

/** Keeps CA, serving certificate and published bundle valid, and puts right whatever happens to them. */
export function createCertificateReconciler(options: CertificateReconcilerOptions): Reconciler {
  const { client, servingNames, log, metrics } = options;
  const store = createCertificateStore(options);
  const hold = new UnchangedTimer();
  let informers: readonly Informer<string>[] = [];
  /** Not reported to the queue yet: a reconcile that fails has written as well. */
  let unreported = 0;
  return {
    name: 'certificates',
    backoff: API_BACKOFF,
    maxWritesPerMinute: MAX_WRITES,
    start: (queue) => {
      informers = openInformers(options, () => {
        queue.addAfter(KEY, DEBOUNCE_MS);
      });
      queue.add(KEY);
    },
    stop: async () => {
      await Promise.all(informers.map((informer) => informer.stop()));
    },
    reconcile: async () => {
      await rotate({
        store,
        names: servingNames,
        // Certificates are for API servers: their time counts.
        now: () => client.contact.serverTime,
        monotonic: CLOCKS.monotonic,
        unchanged: hold,
        onReport: (report) => {
          if (report.kind === 'done') unreported++;
          measure(metrics, report);
          if (report.kind === 'done') logStep(log, report.step);
        },
      });
      const writes = unreported;
      unreported = 0;
      return { writes, requeueAfterMs: CHECK_EVERY_MS };
    },
  };
}

/** One for each object of ours, by name: whatever happens to it is a reason to look. */
function openInformers(
  { client, namespace, names, monitor }: CertificateReconcilerOptions,
  onChange: () => void,
): readonly Informer<string>[] {
  const secrets = `/api/v1/namespaces/${namespace}/secrets`;
  const objects = [
    ...[names.caSecret, names.servingSecret].map((name) => [secrets, name] as const),
    ...WEBHOOK_CONFIGURATIONS.map((path) => [path, names.webhookConfiguration] as const),
  ];
  return objects.map(
    ([path, name]) =>
      new Informer({
        client,
        monitor,
        resource: `${path.slice(path.lastIndexOf('/') + 1)}/${name}`,
        path,
        query: { fieldSelector: `metadata.name=${name}` },
        read: resourceVersionOf,
        onChange,
      }),
  );
}

function logStep(log: Log, step: RotationStep): void {
  switch (step.kind) {
    case 'store-authority':
      log.info('certificate authority stored', { reason: step.cause });
      break;
    case 'publish':
      log.info('bundle published', { count: step.bundle.length });
      break;
    case 'issue':
      log.info('serving certificate issued', { reason: step.cause });
      break;
    case 'store-bundle':
      log.info('bundle stored beside the serving certificate', { count: step.bundle.length });
      break;
    case 'settle':
    case 'rest':
      break;
  }
}

function measure(metrics: Metrics, report: CertificateReport): void {
  if (report.kind === 'state') {
    const { signing, leaf } = report.facts;
    const expiry = (certificate: 'ca' | 'serving', notAfter: Date): void => {
      metrics.certificateExpiry.set({ certificate }, notAfter.getTime() / 1000);
    };
    if (signing !== undefined) expiry('ca', signing.notAfter);
    if (leaf !== undefined) expiry('serving', leaf.notAfter);
    return;
  }
  const { step, writes } = report;
  if (step.kind === 'issue') metrics.certificateRotations.inc({ certificate: 'serving', reason: step.cause });
  if (step.kind === 'store-authority' && isNewCa(step.plan))
    metrics.certificateRotations.inc({ certificate: 'ca', reason: step.cause });
  if (step.kind === 'publish' && writes > 0) metrics.caBundleWrites.inc(writes);
}

function isNewCa({ signing, next }: Extract<RotationStep, { kind: 'store-authority' }>['plan']): boolean {
  return typeof signing === 'symbol' || typeof next === 'symbol';
}
