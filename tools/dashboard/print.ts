import { METRICS } from '../../src/telemetry/table.ts';
import { ADMISSIONS } from './admissions.ts';
import { CERTIFICATES, CONTROL } from './controller.ts';
import { GLANCE } from './glance.ts';
import { drawRow, drawVariable } from './grafana.ts';
import { PROCESSES } from './process.ts';
import { RENEWALS } from './tbot.ts';

const ROWS = [GLANCE, ADMISSIONS, CERTIFICATES, CONTROL, RENEWALS, PROCESSES];

const VARIABLES = [
  { name: 'namespace', label: 'Namespace', query: `label_values(${METRICS.buildInfo.name}, namespace)` },
  {
    name: 'release',
    label: 'Release',
    query: `label_values(${METRICS.buildInfo.name}{namespace="$namespace"}, job)`,
    regex: '/(.+)-(?:webhook|controller)$/',
  },
];

/** charts/tbot-injector/files/dashboard.json, whole; a test fails when the file drifts from it. */
export function printDashboard(): string {
  const panels: object[] = [];
  let top = 0;
  for (const row of ROWS) {
    const { drawn, bottom } = drawRow(row, top, panels.length + 1);
    panels.push(...drawn);
    top = bottom;
  }
  const dashboard = {
    uid: 'tbot-injector',
    title: 'tbot-injector',
    description: 'Injection of Teleport credentials. Printed from tools/dashboard by `npm run docs`.',
    tags: ['teleport', 'tbot-injector'],
    schemaVersion: 39,
    editable: true,
    graphTooltip: 1,
    refresh: '1m',
    time: { from: 'now-6h', to: 'now' },
    templating: {
      list: [
        {
          name: 'datasource',
          label: 'Data source',
          type: 'datasource',
          query: 'prometheus',
          refresh: 1,
          current: {},
          options: [],
        },
        ...VARIABLES.map(drawVariable),
      ],
    },
    annotations: { list: [] },
    panels,
  };
  return `${JSON.stringify(dashboard, undefined, 2)}\n`;
}
