import { METRICS } from '../../src/telemetry/table.ts';
import { CONTROLLER, eventsIn, INTERVAL, OURS, OVER, WEBHOOK, type Row } from './panel.ts';

export const CERTIFICATES: Row = {
  title: 'Certificates',
  panels: [
    {
      title: 'Time until certificates end',
      description: 'As seen by the webhook, which serves, and by the controller, which renews.',
      kind: 'lines',
      width: 8,
      unit: 's',
      queries: [
        {
          expr: `min by (job, certificate) (${METRICS.certificateExpiry.name}{${OURS}}) - time()`,
          legend: '{{certificate}}, {{job}}',
        },
      ],
    },
    {
      title: 'Rotations',
      kind: 'areas',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: `sum by (certificate, reason) (${eventsIn(INTERVAL, `${METRICS.rotations.name}{${CONTROLLER}}`)})`,
          legend: '{{certificate}}: {{reason}}',
        },
        {
          expr: `sum(${eventsIn(INTERVAL, `${METRICS.caBundleWrites.name}{${CONTROLLER}}`)})`,
          legend: 'caBundle written',
        },
      ],
    },
    {
      title: 'Certificates that could not be used',
      kind: 'areas',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: `sum by (pod, certificate, reason) (${eventsIn(INTERVAL, `${METRICS.certificateFaults.name}{${WEBHOOK}}`)})`,
          legend: '{{pod}}: {{certificate}}, {{reason}}',
        },
      ],
    },
  ],
};

export const CONTROL: Row = {
  title: 'Controller and watches',
  panels: [
    {
      title: 'Who leads',
      kind: 'areas',
      width: 8,
      unit: 'short',
      queries: [{ expr: `sum by (pod) (${METRICS.leader.name}{${CONTROLLER}})`, legend: '{{pod}}' }],
    },
    {
      title: 'Duties that failed',
      kind: 'areas',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: `sum by (duty) (${eventsIn(INTERVAL, `${METRICS.dutyFailures.name}{${CONTROLLER}}`)})`,
          legend: '{{duty}}',
        },
      ],
    },
    {
      title: 'Namespaces that failed, and pods that were missed',
      description:
        'How often Secrets or RoleBindings of a namespace could not be put right; how many pods ask for credentials and were not injected.',
      kind: 'lines',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: `sum(${eventsIn(INTERVAL, `${METRICS.namespaceFailures.name}{${CONTROLLER}}`)})`,
          legend: 'namespaces failed',
        },
        { expr: `max(${METRICS.uninjectedPods.name}{${CONTROLLER}})`, legend: 'pods missed' },
      ],
    },
    {
      title: 'Workloads restarted, and those that cannot be',
      description: 'What asks for restarts by annotation; Events on the workloads say what is in the way.',
      kind: 'lines',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: `sum by (outcome) (${eventsIn(INTERVAL, `${METRICS.workloadRestarts.name}{${CONTROLLER}}`)})`,
          legend: 'restarts: {{outcome}}',
        },
        { expr: `max(${METRICS.unrestartable.name}{${CONTROLLER}})`, legend: 'cannot be restarted' },
      ],
    },
    {
      title: 'Clock ahead of the API server',
      kind: 'lines',
      width: 8,
      unit: 's',
      queries: [{ expr: `sum by (pod) (${METRICS.clockAhead.name}{${CONTROLLER}})`, legend: '{{pod}}' }],
    },
    {
      title: 'Time since watches heard of the API server',
      kind: 'lines',
      width: 8,
      unit: 's',
      queries: [
        {
          expr: `time() - min by (job, resource) (${METRICS.watchLastContact.name}{${OURS}} > 0)`,
          legend: '{{resource}}, {{job}}',
        },
      ],
    },
    {
      title: 'Watches that were restarted',
      kind: 'areas',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: `sum by (job, resource) (increase(${METRICS.watchRestarts.name}{${OURS}}${OVER}))`,
          legend: '{{resource}}, {{job}}',
        },
      ],
    },
  ],
};
