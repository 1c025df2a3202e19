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
          expr: `min by (job, certificate) (tbot_injector_certificate_expiry_timestamp_seconds{${OURS}}) - time()`,
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
          expr: `sum by (certificate, reason) (${eventsIn(INTERVAL, `tbot_injector_certificate_rotations_total{${CONTROLLER}}`)})`,
          legend: '{{certificate}}: {{reason}}',
        },
        {
          expr: `sum(${eventsIn(INTERVAL, `tbot_injector_ca_bundle_writes_total{${CONTROLLER}}`)})`,
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
          expr: `sum by (pod, certificate, reason) (${eventsIn(INTERVAL, `tbot_injector_certificate_faults_total{${WEBHOOK}}`)})`,
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
      queries: [{ expr: `sum by (pod) (tbot_injector_leader{${CONTROLLER}})`, legend: '{{pod}}' }],
    },
    {
      title: 'Duties that failed',
      kind: 'areas',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: `sum by (duty) (${eventsIn(INTERVAL, `tbot_injector_duty_failures_total{${CONTROLLER}}`)})`,
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
          expr: `sum(${eventsIn(INTERVAL, `tbot_injector_namespace_failures_total{${CONTROLLER}}`)})`,
          legend: 'namespaces failed',
        },
        { expr: `max(tbot_injector_missed_pods{${CONTROLLER}})`, legend: 'pods missed' },
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
          expr: `sum by (outcome) (${eventsIn(INTERVAL, `tbot_injector_workload_restarts_total{${CONTROLLER}}`)})`,
          legend: 'restarts: {{outcome}}',
        },
        { expr: `max(tbot_injector_unrestartable_workloads{${CONTROLLER}})`, legend: 'cannot be restarted' },
      ],
    },
    {
      title: 'Clock ahead of the API server',
      kind: 'lines',
      width: 8,
      unit: 's',
      queries: [
        { expr: `sum by (pod) (tbot_injector_clock_ahead_seconds{${CONTROLLER}})`, legend: '{{pod}}' },
      ],
    },
    {
      title: 'Time since watches heard of the API server',
      kind: 'lines',
      width: 8,
      unit: 's',
      queries: [
        {
          expr: `time() - min by (job, resource) (tbot_injector_watch_last_contact_timestamp_seconds{${OURS}} > 0)`,
          legend: '{{resource}}, {{job}}',
        },
      ],
    },
    {
      title: 'Watches that began anew after trouble',
      kind: 'areas',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: `sum by (job, resource) (increase(tbot_injector_watch_restarts_total{${OURS}}${OVER}))`,
          legend: '{{resource}}, {{job}}',
        },
      ],
    },
  ],
};
