import { METRICS, type Metric } from './table.ts';

/** Prints docs/metrics.md; `tools/docs.ts --check` fails when the file drifts from it. */
export function printMetricDocs(): string {
  return [
    '# Metrics',
    '',
    '<!-- Printed from src/telemetry/table.ts by `npm run docs`; edit that. -->',
    '',
    'Webhook and controller show these metrics on `/metrics` of the plain port, in the format of Prometheus. Both also show those of',
    'Node itself: event loop delay (`nodejs_eventloop_lag_seconds` and others), memory, garbage collection, CPU.',
    '',
    '| metric | kind | shown by | labels | meaning |',
    '| --- | --- | --- | --- | --- |',
    ...Object.values<Metric>(METRICS).map(row),
    '',
  ].join('\n');
}

function row(metric: Metric): string {
  const { name, kind, labels, help } = metric;
  const cells = [
    `\`${name}\``,
    kind,
    shownBy(metric),
    labels.map((label) => `\`${label}\``).join(', '),
    help,
  ];
  return `| ${cells.join(' | ')} |`;
}

function shownBy({ process, leader }: Metric): string {
  const controller = leader === true ? 'leader' : 'controller';
  return process === 'both' ? `webhook, ${controller}` : process === 'controller' ? controller : process;
}
