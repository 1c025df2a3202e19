import { METRICS } from '../../src/telemetry/table.ts';
import { CONTROLLER, eventsIn, INTERVAL, OVER, TBOT, type Row } from './panel.ts';

const DONE = `tbot_task_iterations_successful_count{${TBOT}}`;
const FAILED = `tbot_task_iterations_failed{${TBOT}}`;

export const RENEWALS: Row = {
  title: 'tbot',
  panels: [
    {
      title: 'Running',
      kind: 'lines',
      width: 6,
      unit: 'short',
      queries: [{ expr: `sum by (bot, shard) (up{${TBOT}})`, legend: '{{bot}}, shard {{shard}}' }],
    },
    {
      title: 'Renewals',
      kind: 'areas',
      width: 6,
      unit: 'short',
      queries: [
        {
          expr: `sum by (bot) (${eventsIn(INTERVAL, DONE)})`,
          legend: '{{bot}}: done',
        },
        {
          expr: `sum by (bot) (${eventsIn(INTERVAL, FAILED)})`,
          legend: '{{bot}}: failed',
        },
      ],
    },
    {
      title: 'Attempts that a renewal took beyond the first',
      kind: 'lines',
      width: 6,
      unit: 'short',
      queries: [
        {
          expr: `sum by (bot) (rate(tbot_task_iterations_successful_sum{${TBOT}}${OVER})) / sum by (bot) (rate(${DONE}${OVER}))`,
          legend: '{{bot}}',
        },
      ],
    },
    {
      title: 'Time of a renewal, on average',
      kind: 'lines',
      width: 6,
      unit: 's',
      queries: [
        {
          expr: `sum by (bot) (rate(tbot_task_iteration_duration_seconds_sum{${TBOT}}${OVER})) / sum by (bot) (rate(tbot_task_iteration_duration_seconds_count{${TBOT}}${OVER}))`,
          legend: '{{bot}}',
        },
      ],
    },
    {
      title: 'Credentials, by shard',
      description:
        'Configured: in tbot.yaml. Waiting: the shard has no room, raise bots.<bot>.shards. Blocked: the Event CredentialBlocked says by what.',
      kind: 'lines',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: `max by (bot, shard, state) (${METRICS.credentials.name}{${CONTROLLER}})`,
          legend: '{{bot}}, shard {{shard}}: {{state}}',
        },
      ],
    },
    {
      title: 'Credentials that tbot says it cannot renew',
      description:
        'Their Events CredentialFailing have the reason. No line: the controller cannot ask that tbot.',
      kind: 'lines',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: `max by (bot, shard) (${METRICS.failingCredentials.name}{${CONTROLLER}})`,
          legend: '{{bot}}, shard {{shard}}',
        },
      ],
    },
    {
      title: 'Credentials that are stale, or were never written',
      kind: 'lines',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: `max by (bot, state) (${METRICS.unhealthyCredentials.name}{${CONTROLLER}})`,
          legend: '{{bot}}: {{state}}',
        },
      ],
    },
    {
      title: 'Renewals that failed, the twenty worst of an hour',
      kind: 'table',
      width: 24,
      unit: 'short',
      queries: [
        {
          expr: `topk(20, sum by (bot, shard, service, name) (${eventsIn('1h', FAILED)}) > 0)`,
        },
      ],
    },
  ],
};
