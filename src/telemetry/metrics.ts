import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import {
  createControllerMetrics,
  type ControllerMeasured,
  type ControllerMetrics,
} from './controller-metrics.ts';
import { metricConfig } from './metric-config.ts';
import { METRICS } from './table.ts';

export interface AdmissionMeasured {
  readonly endpoint: string;
  readonly outcome: string;
  /** A problem's code; empty where there is none. Never free text: every value is a time series. */
  readonly reason?: string;
  readonly namespace: string;
  readonly seconds: number;
}

/** A watch as metrics see it; `SupervisedWatch` and `NamespaceReader` are such. */
export interface WatchMeasured {
  /** Milliseconds since the epoch. */
  readonly lastContact: number | undefined;
  readonly restarts: number;
}

export interface Metrics {
  recordAdmission(admission: AdmissionMeasured): void;
  readonly inFlight: { inc(): void; dec(): void };
  recordServingCertificate(notAfter: Date): void;
  /** `reason` is a code, never free text. */
  recordServingCertificateFault(reason: string): void;
  /** How the configuration file stands to what the program was started with. */
  recordConfig(drift: { readonly problems: number; readonly isCurrent: boolean }): void;
  /** Has `watch` read at every scrape, under the name of what it watches (`namespaces`). */
  followWatch(resource: string, watch: WatchMeasured): void;
  /** Ends that: what is not watched any more is no longer shown. */
  unfollowWatch(resource: string): void;
  /** Adds what only a controller has; once. */
  forController(measured: ControllerMeasured): ControllerMetrics;
  /** The text that Prometheus scrapes. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>;
}

export interface MetricsOptions {
  readonly version: string;
  /** One more time series per namespace and outcome: off by default in large clusters. */
  readonly countByNamespace: boolean;
}

const SERVING = { certificate: 'serving' } as const;

/** Metrics in a registry of their own, so that two sets in one process do not meet. */
export function createMetrics({ version, countByNamespace }: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const config = metricConfig(registers);
  collectDefaultMetrics({ register: registry });
  const admissions = new Counter(config(METRICS.admissions));
  const duration = new Histogram({
    ...config(METRICS.admissionDuration),
    buckets: [...METRICS.admissionDuration.buckets],
  });
  const inFlight = new Gauge(config(METRICS.admissionsInFlight));
  const byNamespace = countByNamespace ? new Counter(config(METRICS.admissionsByNamespace)) : undefined;
  const certificateExpiry = new Gauge(config(METRICS.certificateExpiry));
  const certificateFaults = new Counter(config(METRICS.certificateFaults));
  const configProblems = new Gauge(config(METRICS.configProblems));
  const configCurrent = new Gauge(config(METRICS.configCurrent));
  const watches = new Map<string, WatchMeasured>();
  new Gauge({
    ...config(METRICS.watchLastContact),
    collect() {
      this.reset();
      for (const [resource, { lastContact = 0 }] of watches) this.set({ resource }, lastContact / 1000);
    },
  });
  new Counter({
    ...config(METRICS.watchRestarts),
    collect() {
      this.reset();
      for (const [resource, { restarts }] of watches) this.inc({ resource }, restarts);
    },
  });
  new Gauge(config(METRICS.buildInfo)).set({ version }, 1);

  return {
    recordAdmission: ({ endpoint, outcome, reason = '', namespace, seconds }) => {
      admissions.inc({ endpoint, outcome, reason });
      duration.observe({ endpoint }, seconds);
      byNamespace?.inc({ namespace, outcome });
    },
    inFlight: {
      inc: () => {
        inFlight.inc();
      },
      dec: () => {
        inFlight.dec();
      },
    },
    recordServingCertificate: (notAfter) => {
      certificateExpiry.set(SERVING, notAfter.getTime() / 1000);
    },
    recordServingCertificateFault: (reason) => {
      certificateFaults.inc({ ...SERVING, reason });
    },
    recordConfig: ({ problems, isCurrent }) => {
      configProblems.set(problems);
      configCurrent.set(isCurrent ? 1 : 0);
    },
    followWatch: (resource, watch) => void watches.set(resource, watch),
    unfollowWatch: (resource) => void watches.delete(resource),
    forController: (measured) => createControllerMetrics(measured, certificateExpiry, registers),
    render: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}
