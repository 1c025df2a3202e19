import { METRICS } from '../../src/telemetry/table.ts';
import { eventsIn, INTERVAL, OVER, WEBHOOK, type Query, type Row } from './panel.ts';

const OF_API_SERVER = 'name=~"(mutate|check).tbot-injector.io"';

const REFUSED = `${METRICS.admissions.name}{${WEBHOOK}, endpoint="mutate", outcome="refused"}`;

export const ADMISSIONS: Row = {
  title: 'Admissions',
  panels: [
    {
      title: 'Reviews by outcome',
      kind: 'areas',
      width: 8,
      unit: 'reqps',
      queries: [
        {
          expr: `sum by (endpoint, outcome) (rate(${METRICS.admissions.name}{${WEBHOOK}}${OVER}))`,
          legend: '{{endpoint}}: {{outcome}}',
        },
      ],
    },
    {
      title: 'Refusals by reason',
      description: 'The code of the first problem. Pods of one Deployment are tried again and again.',
      kind: 'areas',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: `sum by (reason) (${eventsIn(INTERVAL, REFUSED)})`,
          legend: '{{reason}}',
        },
      ],
    },
    {
      title: 'Reviews without a verdict',
      description: 'Faults of the request or of the webhook, and Namespaces that could not be read.',
      kind: 'areas',
      width: 8,
      unit: 'reqps',
      queries: [
        {
          expr: `sum by (endpoint, outcome, reason) (rate(${METRICS.admissions.name}{${WEBHOOK}, outcome=~"fault|unavailable|misdirected"}${OVER}))`,
          legend: '{{endpoint}}: {{outcome}}, {{reason}}',
        },
      ],
    },
    {
      title: 'Time of reviews, all',
      description: 'How many reviews took how long.',
      kind: 'heatmap',
      width: 8,
      unit: 's',
      queries: [
        {
          expr: `sum by (le) (increase(${METRICS.admissionDuration.name}_bucket{${WEBHOOK}, endpoint="mutate"}${OVER}))`,
          legend: '{{le}}',
        },
      ],
    },
    {
      title: 'Time of reviews, p50 and p99',
      kind: 'lines',
      width: 8,
      unit: 's',
      queries: [
        quantile(0.5),
        quantile(0.99),
        {
          expr: `histogram_quantile(0.99, sum by (le, name) (rate(apiserver_admission_webhook_admission_duration_seconds_bucket{${OF_API_SERVER}}${OVER})))`,
          legend: '{{name}} p99, as API servers see it',
        },
      ],
    },
    {
      title: 'Reviews in flight',
      kind: 'lines',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: `sum by (pod) (${METRICS.inFlightAdmissions.name}{${WEBHOOK}})`,
          legend: '{{pod}}',
        },
      ],
    },
    {
      title: 'Calls that API servers could not make',
      description: 'Empty where the metrics of API servers are not scraped, as in many managed clusters.',
      kind: 'lines',
      width: 12,
      unit: 'reqps',
      queries: [
        {
          expr: `sum by (name, error_type) (rate(apiserver_admission_webhook_rejection_count{${OF_API_SERVER}, error_type!="no_error"}${OVER}))`,
          legend: '{{name}}: {{error_type}}',
        },
        {
          expr: `sum by (name) (rate(apiserver_admission_webhook_fail_open_count{${OF_API_SERVER}}${OVER}))`,
          legend: '{{name}}: gone on without',
        },
      ],
    },
    {
      title: 'Reviews by namespace, the ten most',
      description: 'Empty unless telemetry.countByNamespace is on.',
      kind: 'areas',
      width: 12,
      unit: 'reqps',
      queries: [
        {
          // Prometheus renames the label: `namespace` is that of the pod which was scraped.
          expr: `topk(10, sum by (exported_namespace, outcome) (rate(${METRICS.admissionsByNamespace.name}{${WEBHOOK}}${OVER})))`,
          legend: '{{exported_namespace}}: {{outcome}}',
        },
      ],
    },
  ],
};

function quantile(share: number): Query {
  return {
    expr: `histogram_quantile(${share}, sum by (le, endpoint) (rate(${METRICS.admissionDuration.name}_bucket{${WEBHOOK}}${OVER})))`,
    legend: `{{endpoint}} p${share * 100}`,
  };
}
