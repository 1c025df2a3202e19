import { METRICS } from '../../src/telemetry/table.ts';
import { OURS, OVER, type Panel, type Row } from './panel.ts';

export const PROCESSES: Row = {
  title: 'Processes of webhook and controller',
  panels: [
    byPod('Event loop delay, p99', 's', `nodejs_eventloop_lag_p99_seconds{${OURS}}`),
    byPod('CPU', 'short', `rate(process_cpu_seconds_total{${OURS}}${OVER})`),
    byPod('Memory', 'bytes', `process_resident_memory_bytes{${OURS}}`),
    byPod('Heap in use', 'bytes', `nodejs_heap_size_used_bytes{${OURS}}`),
    byPod('Garbage collection', 'percentunit', `rate(nodejs_gc_duration_seconds_sum{${OURS}}${OVER})`),
    {
      title: 'Versions',
      kind: 'table',
      width: 4,
      unit: 'short',
      queries: [{ expr: `count by (job, version) (${METRICS.buildInfo.name}{${OURS}})` }],
    },
  ],
};

function byPod(title: string, unit: string, expr: string): Panel {
  return {
    title,
    kind: 'lines',
    width: 4,
    unit,
    queries: [{ expr: `sum by (pod) (${expr})`, legend: '{{pod}}' }],
  };
}
