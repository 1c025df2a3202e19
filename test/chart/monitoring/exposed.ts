import { collectDefaultMetrics, Registry } from 'prom-client';

import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { METRICS } from '../../../src/telemetry/table.ts';
import type { Lookup, Selector } from './promql.ts';

/** Every metric that Prometheus can have of a release, by the name that a query uses, with its own labels. */
type Exposed = ReadonlyMap<string, readonly string[]>;

/** What the chart's monitors leave of a target's labels, and what they add for tbot. */
const TARGET = ['namespace', 'pod', 'job', 'instance', 'container'];
const TARGET_OF_TBOT = [...TARGET, 'bot', 'shard'];

/** Of Prometheus itself, for each target. */
const SCRAPE: Exposed = new Map([['up', []]]);

/** Of tbot: lib/tbot/loop in Teleport 18. The buckets of its histograms are dropped when they are scraped. */
const OF_TBOT: Exposed = new Map(
  [
    'tbot_task_iterations_total',
    'tbot_task_iterations_failed',
    'tbot_task_iterations_successful_sum',
    'tbot_task_iterations_successful_count',
    'tbot_task_iteration_duration_seconds_sum',
    'tbot_task_iteration_duration_seconds_count',
  ].map((name) => [name, ['service', 'name']]),
);

/** Of API servers, read from one: Kubernetes 1.36 with a webhook that could not be called. */
const OF_API_SERVER: Exposed = new Map([
  [
    'apiserver_admission_webhook_rejection_count',
    ['error_type', 'name', 'operation', 'rejection_code', 'type'],
  ],
  ['apiserver_admission_webhook_fail_open_count', ['name', 'type']],
  [
    'apiserver_admission_webhook_admission_duration_seconds_bucket',
    ['le', 'name', 'operation', 'rejected', 'type'],
  ],
]);

/** Starts the registries of webhook and controller as the program does, and looks up what they expose. */
export async function createLookup(): Promise<Lookup> {
  const webhook = createMetrics({ version: '1', process: 'webhook', countByNamespace: true });
  const controller = createMetrics({ version: '1', process: 'controller' });
  const byComponent = new Map<string, Exposed>([
    ['webhook', exposedIn((await webhook.render()).body)],
    ['controller', exposedIn((await controller.render()).body)],
    ['tbot', OF_TBOT],
  ]);
  return (selector) => {
    if (selector.metric.startsWith('apiserver_')) return labelSet(OF_API_SERVER.get(selector.metric), []);
    const components = componentsOf(selector);
    const target = components.includes('tbot') ? TARGET_OF_TBOT : TARGET;
    const found = components.map(
      (component) => byComponent.get(component)?.get(selector.metric) ?? SCRAPE.get(selector.metric),
    );
    return labelSet(
      found.find((labels) => labels !== undefined),
      target,
    );
  };
}

/** Which of ours the labels of a selector mean: queries name them by `job`, and never more than the release. */
function componentsOf({ metric, matchers }: Selector): readonly string[] {
  const job = matchers.find(({ label }) => label === 'job')?.value;
  const [, one, some] = /-(?:(\w+)|\(([\w|]+)\))$/.exec(job ?? '') ?? [];
  const components = one === undefined ? some?.split('|') : [one];
  if (components === undefined) throw new Error(`${metric} is asked for without the job of a component`);
  return components;
}

/** A label of the target wins; Prometheus renames ours. */
function labelSet(
  own: readonly string[] | undefined,
  target: readonly string[],
): ReadonlySet<string> | undefined {
  if (own === undefined) return undefined;
  return new Set([...target, ...own.map((label) => (target.includes(label) ? `exported_${label}` : label))]);
}

function exposedIn(text: string): Exposed {
  const labels = new Map([
    ...labelsOfNode(),
    ...Object.values(METRICS).map(({ name, labels }) => [name, labels] as const),
  ]);
  return new Map(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', kind = '']) => {
      const own = labels.get(name);
      if (own === undefined) throw new Error(`${name} is exposed, but in no table`);
      return kind === 'histogram' ? histogram(name, own) : [[name, own] as const];
    }),
  );
}

function histogram(name: string, labels: readonly string[]): (readonly [string, readonly string[]])[] {
  return [
    [`${name}_bucket`, [...labels, 'le']],
    [`${name}_sum`, labels],
    [`${name}_count`, labels],
  ];
}

/** prom-client's own metrics of node; their labels are seen before they have a value. */
function labelsOfNode(): (readonly [string, readonly string[]])[] {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const metrics = registry.getMetricsAsArray() as unknown as { name: string; labelNames: string[] }[];
  return metrics.map(({ name, labelNames }) => [name, labelNames]);
}
