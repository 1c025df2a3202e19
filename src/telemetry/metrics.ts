import { collectDefaultMetrics, Registry } from 'prom-client';
import { register, SILENT, type Handle } from './handles.ts';
import { METRICS, type Metric, type MetricKey } from './table.ts';

/** One handle per row of the table under the row's key, and the methods that concern all of them. */
export type Metrics = MetricHandles & {
  /** Forgets the values of rows with `leader: true`: they would be stale once the leadership has ended. */
  resetLeader(): void;
  /** Reads `informer` at every scrape and shows it under `resource`, for example `namespaces`. */
  followInformer(resource: string, informer: FollowedInformer): void;
  /** Shows it no longer. */
  unfollowInformer(resource: string): void;
  /** Calls `read` before every scrape, for values that change without an event. `read` must not throw. */
  onScrape(read: () => void): void;
  /** Returns the text that Prometheus scrapes. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>;
};

export type MetricHandles = { readonly [Key in MetricKey]: Handle<(typeof METRICS)[Key]> };

export interface FollowedInformer {
  /** Milliseconds since the epoch; undefined before the first contact. */
  readonly lastContact: number | undefined;
  readonly restarts: number;
}

export interface MetricsOptions {
  readonly version: string;
  readonly process: 'webhook' | 'controller';
  /** One more time series per namespace and outcome: too many for large clusters, so off by default. */
  readonly countByNamespace?: boolean;
}

/**
 * Creates the metrics of one process, in a registry of their own: two of them in one process do not meet. A row of the other
 * process is not shown, and calls of its handle do nothing.
 */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registered = new Map(
    Object.entries<Metric>(METRICS).map(([key, row]) => [
      key,
      isShown(row, options) ? register(row, registry) : SILENT,
    ]),
  );
  const handles = Object.fromEntries(
    [...registered].map(([key, { handle }]) => [key, handle]),
  ) as unknown as MetricHandles;
  const reset = (key: string): void => registered.get(key)?.reset();
  handles.buildInfo.set({ version: options.version }, 1);

  const informers = new Map<string, FollowedInformer>();
  const readers = [
    () => {
      for (const key of ['informerLastContact', 'informerRestarts'] satisfies MetricKey[]) reset(key);
      for (const [resource, { lastContact = 0, restarts }] of informers) {
        handles.informerLastContact.set({ resource }, lastContact / 1000);
        handles.informerRestarts.inc({ resource }, restarts);
      }
    },
  ];
  return {
    ...handles,
    resetLeader: () => {
      for (const [key, row] of Object.entries<Metric>(METRICS)) if (row.leader) reset(key);
    },
    followInformer: (resource, informer) => void informers.set(resource, informer),
    unfollowInformer: (resource) => void informers.delete(resource),
    onScrape: (read) => void readers.push(read),
    render: async () => {
      for (const read of readers) read();
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}

function isShown(row: Metric, { process, countByNamespace = false }: MetricsOptions): boolean {
  if (row.kind === 'counter' && row.optIn === 'countByNamespace' && !countByNamespace) return false;
  return row.process === 'both' || row.process === process;
}
