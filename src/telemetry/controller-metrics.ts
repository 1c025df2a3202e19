import { Counter, Gauge, type Registry } from 'prom-client';
import { metricConfig } from './metric-config.ts';
import { METRICS } from './table.ts';

/** What is looked at with every scrape. */
export interface ControllerMeasured {
  readonly isLeading: () => boolean;
  /** How far our clock is ahead of the API server's. */
  readonly clockAheadMs: () => number;
}

export interface ShardLabels {
  readonly bot: string;
  readonly shard: number;
}

export type CertificateKind = 'ca' | 'serving';

export interface ControllerMetrics {
  recordExpiry(certificate: CertificateKind, notAfter: Date): void;
  /** `reason` is a code, never free text. */
  countRotation(certificate: CertificateKind, reason: string): void;
  countCaBundleWrite(): void;
  countDutyFailure(duty: string): void;
  countNamespaceFailure(): void;
  countTbotRestart(of: ShardLabels): void;
  recordCredentials(of: ShardLabels, counts: { readonly listed: number; readonly waiting: number }): void;
  recordMissedPods(count: number): void;
  recordUnhealthy(bot: string, counts: Readonly<Record<string, number>>): void;
  /** Certificates and credentials are shown by whoever leads. */
  forget(): void;
}

/** Adds what only a controller has to a registry. */
export function createControllerMetrics(
  measured: ControllerMeasured,
  expiry: Gauge<'certificate'>,
  registers: Registry[],
): ControllerMetrics {
  const config = metricConfig(registers);
  const rotations = new Counter(config(METRICS.rotations));
  const caBundleWrites = new Counter(config(METRICS.caBundleWrites));
  const dutyFailures = new Counter(config(METRICS.dutyFailures));
  const namespaceFailures = new Counter(config(METRICS.namespaceFailures));
  const tbotRestarts = new Counter(config(METRICS.tbotRestarts));
  const credentials = new Gauge(config(METRICS.credentialsListed));
  const missedPods = new Gauge(config(METRICS.missedPods));
  const unhealthy = new Gauge(config(METRICS.credentialsUnhealthy));
  new Gauge({
    ...config(METRICS.leader),
    collect() {
      this.set(measured.isLeading() ? 1 : 0);
    },
  });
  new Gauge({
    ...config(METRICS.clockAhead),
    collect() {
      this.set(measured.clockAheadMs() / 1000);
    },
  });
  return {
    recordExpiry: (certificate, notAfter) => {
      expiry.set({ certificate }, notAfter.getTime() / 1000);
    },
    countRotation: (certificate, reason) => {
      rotations.inc({ certificate, reason });
    },
    countCaBundleWrite: () => {
      caBundleWrites.inc();
    },
    countDutyFailure: (duty) => {
      dutyFailures.inc({ duty });
    },
    countNamespaceFailure: () => {
      namespaceFailures.inc();
    },
    countTbotRestart: ({ bot, shard }) => {
      tbotRestarts.inc({ bot, shard });
    },
    recordCredentials: ({ bot, shard }, { listed, waiting }) => {
      credentials.set({ bot, shard, state: 'listed' }, listed);
      credentials.set({ bot, shard, state: 'waiting' }, waiting);
    },
    recordMissedPods: (count) => {
      missedPods.set(count);
    },
    recordUnhealthy: (bot, counts) => {
      for (const [state, count] of Object.entries(counts)) unhealthy.set({ bot, state }, count);
    },
    forget: () => {
      missedPods.reset();
      unhealthy.reset();
      credentials.reset();
      expiry.reset();
    },
  };
}
