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
        'Those on the list of tbot; those for which its shard has no room: raise bots.<bot>.shards; and those that are blocked: the Event CredentialBlocked says by what.',
      kind: 'lines',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: `max by (bot, shard, state) (tbot_injector_credentials{${CONTROLLER}})`,
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
          expr: `max by (bot, shard) (tbot_injector_credentials_failing{${CONTROLLER}})`,
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
          expr: `max by (bot, state) (tbot_injector_credentials_unhealthy{${CONTROLLER}})`,
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
