import { METRICS, type Metric } from './table.ts';

/** docs/metrics.md, whole; a test fails when the file drifts from it. */
export function printMetricDocs(): string {
  return [
    '# Metrics',
    '',
    '<!-- Printed from src/telemetry/table.ts by `npm run docs`; edit that. -->',
    '',
    'On `/metrics` of the plain port, in the format of Prometheus. Beside these stand those of Node itself: event loop delay',
    '(`nodejs_eventloop_lag_seconds` and its kin), memory, garbage collection, CPU.',
    '',
    '| metric | kind | labels | meaning |',
    '| --- | --- | --- | --- |',
    ...Object.values<Metric>(METRICS).map(row),
    '',
  ].join('\n');
}

function row({ name, kind, labels, help }: Metric): string {
  return `| \`${name}\` | ${kind} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`;
}
