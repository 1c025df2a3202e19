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
          expr: `sum by (certificate, reason) (${eventsIn(INTERVAL, `${METRICS.certificateRotations.name}{${CONTROLLER}}`)})`,
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
  title: 'Controller and informers',
  panels: [
    {
      title: 'Who leads',
      kind: 'areas',
      width: 8,
      unit: 'short',
      queries: [{ expr: `sum by (pod) (${METRICS.leader.name}{${CONTROLLER}})`, legend: '{{pod}}' }],
    },
    {
      title: 'Reconcile errors',
      description:
        'By controller; namespaces: the Secrets and RoleBindings of one namespace. Each is tried again.',
      kind: 'areas',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: `sum by (controller) (${eventsIn(INTERVAL, `${METRICS.reconcileErrors.name}{${CONTROLLER}}`)})`,
          legend: '{{controller}}',
        },
      ],
    },
    {
      title: 'Uninjected pods, and pods with revoked credentials',
      description:
        'Pods that ask for credentials and were not injected; pods whose credentials are no longer renewed.',
      kind: 'lines',
      width: 8,
      unit: 'short',
      queries: [
        { expr: `max(${METRICS.uninjectedPods.name}{${CONTROLLER}})`, legend: 'uninjected' },
        {
          expr: `max(${METRICS.podsWithRevokedCredentials.name}{${CONTROLLER}})`,
          legend: 'with revoked credentials',
        },
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
        { expr: `max(${METRICS.unrestartableWorkloads.name}{${CONTROLLER}})`, legend: 'cannot be restarted' },
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
      title: 'Time since informers heard from the API server',
      kind: 'lines',
      width: 8,
      unit: 's',
      queries: [
        {
          expr: `time() - min by (job, resource) (${METRICS.informerLastContact.name}{${OURS}} > 0)`,
          legend: '{{resource}}, {{job}}',
        },
      ],
    },
    {
      title: 'Informers that started their watch again after a fault',
      kind: 'areas',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: `sum by (job, resource) (increase(${METRICS.informerRestarts.name}{${OURS}}${OVER}))`,
          legend: '{{resource}}, {{job}}',
        },
      ],
    },
  ],
};
