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
  recordCredentials(
    of: ShardLabels,
    counts: Readonly<Record<'listed' | 'waiting' | 'blocked', number>>,
  ): void;
  recordUninjectedPods(count: number): void;
  recordRevokedPods(count: number): void;
  recordUnrestartable(count: number): void;
  countWorkloadRestart(outcome: 'done' | 'failed'): void;
  recordUnhealthy(bot: string, counts: Readonly<Record<string, number>>): void;
  /** undefined: nobody knows. */
  recordFailing(of: ShardLabels, count: number | undefined): void;
  recordReachable(of: ShardLabels, isReachable: boolean): void;
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
  const uninjectedPods = new Gauge(config(METRICS.uninjectedPods));
  const revokedPods = new Gauge(config(METRICS.revokedPods));
  const unrestartable = new Gauge(config(METRICS.unrestartable));
  const workloadRestarts = new Counter(config(METRICS.workloadRestarts));
  const unhealthy = new Gauge(config(METRICS.credentialsUnhealthy));
  const failing = new Gauge(config(METRICS.credentialsFailing));
  const reachable = new Gauge(config(METRICS.tbotReachable));
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
    recordCredentials: ({ bot, shard }, counts) => {
      for (const [state, count] of Object.entries(counts)) credentials.set({ bot, shard, state }, count);
    },
    recordUninjectedPods: (count) => {
      uninjectedPods.set(count);
    },
    recordRevokedPods: (count) => {
      revokedPods.set(count);
    },
    recordUnrestartable: (count) => {
      unrestartable.set(count);
    },
    countWorkloadRestart: (outcome) => {
      workloadRestarts.inc({ outcome });
    },
    recordUnhealthy: (bot, counts) => {
      for (const [state, count] of Object.entries(counts)) unhealthy.set({ bot, state }, count);
    },
    recordFailing: ({ bot, shard }, count) => {
      if (count === undefined) failing.remove({ bot, shard });
      else failing.set({ bot, shard }, count);
    },
    recordReachable: ({ bot, shard }, isReachable) => {
      reachable.set({ bot, shard }, isReachable ? 1 : 0);
    },
    forget: () => {
      failing.reset();
      reachable.reset();
      uninjectedPods.reset();
      revokedPods.reset();
      unrestartable.reset();
      unhealthy.reset();
      credentials.reset();
      expiry.reset();
    },
  };
}
