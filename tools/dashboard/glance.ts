import { METRICS } from '../../src/telemetry/table.ts';
import { CONTROLLER, eventsIn, OURS, TBOT, WEBHOOK, type Row } from './panel.ts';

const DAY = 24 * 60 * 60;

/** One number each, for an engineer on call who has just been woken. */
export const GLANCE: Row = {
  title: 'At a glance',
  panels: [
    {
      title: 'Webhook pods',
      kind: 'stat',
      width: 3,
      unit: 'short',
      queries: [{ expr: `count(up{${WEBHOOK}} == 1) or vector(0)` }],
      thresholds: [{ colour: 'red' }, { from: 1, colour: 'orange' }, { from: 2, colour: 'green' }],
    },
    {
      title: 'Leading controllers',
      kind: 'stat',
      width: 3,
      unit: 'short',
      queries: [{ expr: `sum(${METRICS.leader.name}{${CONTROLLER}}) or vector(0)` }],
      thresholds: [{ colour: 'red' }, { from: 1, colour: 'green' }, { from: 2, colour: 'red' }],
    },
    {
      title: 'Running tbot',
      kind: 'stat',
      width: 3,
      unit: 'short',
      queries: [{ expr: `count(up{${TBOT}} == 1) or vector(0)` }],
    },
    {
      title: 'Failing renewals',
      description: 'Outputs whose renewal failed within half an hour.',
      kind: 'stat',
      width: 3,
      unit: 'short',
      queries: [
        {
          expr: `count(sum by (bot, shard, service, name) (${eventsIn('30m', `tbot_task_iterations_failed{${TBOT}}`)}) > 0) or vector(0)`,
        },
      ],
      thresholds: [{ colour: 'green' }, { from: 1, colour: 'orange' }],
    },
    {
      title: 'Pods injected in an hour',
      kind: 'stat',
      width: 3,
      unit: 'short',
      queries: [
        {
          expr: reviewed('injected'),
        },
      ],
    },
    {
      title: 'Pods refused in an hour',
      kind: 'stat',
      width: 3,
      unit: 'short',
      queries: [
        {
          expr: reviewed('refused'),
        },
      ],
    },
    {
      title: 'Slowest review in a hundred',
      kind: 'stat',
      width: 3,
      unit: 's',
      queries: [
        {
          expr: `histogram_quantile(0.99, sum by (le) (rate(${METRICS.admissionDuration.name}_bucket{${WEBHOOK}, endpoint="mutate"}[1h])))`,
        },
      ],
      thresholds: [{ colour: 'green' }, { from: 0.1, colour: 'orange' }, { from: 1, colour: 'red' }],
    },
    {
      title: 'Serving certificate ends in',
      kind: 'stat',
      width: 3,
      unit: 's',
      queries: [
        {
          expr: `min(${METRICS.certificateExpiry.name}{${OURS}, certificate="serving"}) - time()`,
        },
      ],
      thresholds: [
        { colour: 'red' },
        { from: 2 * DAY, colour: 'orange' },
        { from: 9 * DAY, colour: 'green' },
      ],
    },
  ],
};

function reviewed(outcome: 'injected' | 'refused'): string {
  const reviews = `${METRICS.admissions.name}{${WEBHOOK}, endpoint="mutate", outcome="${outcome}"}`;
  return `sum(${eventsIn('1h', reviews)}) or vector(0)`;
}
