import { constant, CONTROLLER, growing, series, TBOT, WEBHOOK, type Series } from './alert-series.ts';

const DAY = 24 * 60 * 60;

/** What is scraped of a release where all is well, from a minute on; tests change one thing of it. */
export function healthy(from = 0): readonly Series[] {
  return [
    ...['webhook-a', 'webhook-b'].flatMap((pod) => webhookPod(pod, from)),
    ...controllerPod('controller-a', 1, from),
    ...controllerPod('controller-b', 0, from),
    ...tbotPod('tbot-a', from),
  ];
}

export function webhookPod(pod: string, from = 0): readonly Series[] {
  const own = { ...WEBHOOK, pod };
  const mutate = { ...own, endpoint: 'mutate' };
  return [
    series('up', own, constant(1, from)),
    series(
      'tbot_injector_admissions_total',
      { ...mutate, outcome: 'injected', reason: '' },
      growing(5, from),
    ),
    series(
      'tbot_injector_admissions_total',
      { ...mutate, outcome: 'refused', reason: 'unknown-output' },
      growing(1, from),
    ),
    series('tbot_injector_admission_duration_seconds_bucket', { ...mutate, le: '0.001' }, growing(6, from)),
    series('tbot_injector_admission_duration_seconds_bucket', { ...mutate, le: '5' }, growing(6, from)),
    series('tbot_injector_admission_duration_seconds_bucket', { ...mutate, le: '+Inf' }, growing(6, from)),
    expiry({ ...own, certificate: 'serving' }, 20 * DAY, from),
    series(
      'tbot_injector_watch_last_contact_timestamp_seconds',
      { ...own, resource: 'namespaces' },
      now(from),
    ),
    ...process(own, from),
  ];
}

function controllerPod(pod: string, leader: number, from: number): readonly Series[] {
  const own = { ...CONTROLLER, pod };
  return [
    series('up', own, constant(1, from)),
    series('tbot_injector_leader', own, constant(leader, from)),
    series('tbot_injector_clock_ahead_seconds', own, constant(0, from)),
    series('tbot_injector_missed_pods', own, constant(0, from)),
    series('tbot_injector_namespace_failures_total', own, constant(0, from)),
    ...process(own, from),
    // Certificates and credentials are shown, and watches held, by whoever leads.
    ...(leader === 1
      ? [
          ...credentials(own, from),
          expiry({ ...own, certificate: 'serving' }, 20 * DAY, from),
          expiry({ ...own, certificate: 'ca' }, 300 * DAY, from),
          series(
            'tbot_injector_watch_last_contact_timestamp_seconds',
            { ...own, resource: 'secrets/tbot-injector-ca' },
            now(from),
          ),
        ]
      : []),
  ];
}

/** What webhook and controller both show of themselves. */
function process(own: Readonly<Record<string, string>>, from: number): readonly Series[] {
  return [
    series('nodejs_eventloop_lag_p99_seconds', own, constant(0.011, from)),
    series('tbot_injector_config_problems', own, constant(0, from)),
    series('tbot_injector_config_in_force', own, constant(1, from)),
  ];
}

function credentials(own: Readonly<Record<string, string>>, from: number): readonly Series[] {
  const { bot, shard } = TBOT;
  return [
    series('tbot_injector_credentials', { ...own, bot, shard, state: 'listed' }, constant(12, from)),
    ...['waiting', 'blocked'].map((state) =>
      series('tbot_injector_credentials', { ...own, bot, shard, state }, constant(0, from)),
    ),
    series('tbot_injector_credentials_failing', { ...own, bot, shard }, constant(0, from)),
    series('tbot_injector_tbot_reachable', { ...own, bot, shard }, constant(1, from)),
    ...['never-written', 'stale'].map((state) =>
      series('tbot_injector_credentials_unhealthy', { ...own, bot, state }, constant(0, from)),
    ),
  ];
}

function tbotPod(pod: string, from: number): readonly Series[] {
  const own = { ...TBOT, pod };
  const renewal = { ...own, service: 'payments-db', name: 'output-renewal' };
  return [
    series('up', own, constant(1, from)),
    series('tbot_task_iterations_successful_count', renewal, renewals(from)),
  ];
}

export function expiry(labels: Readonly<Record<string, string>>, inSeconds: number, from = 0): Series {
  return series('tbot_injector_certificate_expiry_timestamp_seconds', labels, constant(inSeconds, from));
}

/** Promtool's time begins at 0. */
function now(from: number): string {
  return from === 0 ? '0+60x240' : `_x${from} ${from * 60}+60x240`;
}

/** One every 20 minutes. */
function renewals(from: number): string {
  const counts = Array.from({ length: 12 }, (_, index) => `${index + 1}x19`);
  return [...(from === 0 ? [] : [`_x${from}`]), ...counts].join(' ');
}
