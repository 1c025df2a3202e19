import { METRICS } from '../../../src/telemetry/table.ts';
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
    series(METRICS.admissions.name, { ...mutate, outcome: 'injected', reason: '' }, growing(5, from)),
    series(
      METRICS.admissions.name,
      { ...mutate, outcome: 'refused', reason: 'unknown-output' },
      growing(1, from),
    ),
    series(`${METRICS.admissionDuration.name}_bucket`, { ...mutate, le: '0.001' }, growing(6, from)),
    series(`${METRICS.admissionDuration.name}_bucket`, { ...mutate, le: '5' }, growing(6, from)),
    series(`${METRICS.admissionDuration.name}_bucket`, { ...mutate, le: '+Inf' }, growing(6, from)),
    expiry({ ...own, certificate: 'serving' }, 20 * DAY, from),
    series(METRICS.informerLastContact.name, { ...own, resource: 'namespaces' }, now(from)),
    ...process(own, from),
  ];
}

function controllerPod(pod: string, leader: number, from: number): readonly Series[] {
  const own = { ...CONTROLLER, pod };
  return [
    series('up', own, constant(1, from)),
    series(METRICS.leader.name, own, constant(leader, from)),
    series(METRICS.clockAhead.name, own, constant(0, from)),
    series(METRICS.uninjectedPods.name, own, constant(0, from)),
    ...process(own, from),
    // Certificates and credentials are shown, and informers run, by the leader.
    ...(leader === 1
      ? [
          ...credentials(own, from),
          expiry({ ...own, certificate: 'serving' }, 20 * DAY, from),
          expiry({ ...own, certificate: 'ca' }, 300 * DAY, from),
          series(
            METRICS.informerLastContact.name,
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
    series(METRICS.configProblems.name, own, constant(0, from)),
    series(METRICS.configCurrent.name, own, constant(1, from)),
  ];
}

function credentials(own: Readonly<Record<string, string>>, from: number): readonly Series[] {
  const { bot, shard } = TBOT;
  return [
    series(METRICS.credentials.name, { ...own, bot, shard, state: 'configured' }, constant(12, from)),
    ...['waiting', 'blocked'].map((state) =>
      series(METRICS.credentials.name, { ...own, bot, shard, state }, constant(0, from)),
    ),
    series(METRICS.failingCredentials.name, { ...own, bot, shard }, constant(0, from)),
    series(METRICS.tbotReachable.name, { ...own, bot, shard }, constant(1, from)),
    ...['never-written', 'stale'].map((state) =>
      series(METRICS.unhealthyCredentials.name, { ...own, bot, state }, constant(0, from)),
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
  return series(METRICS.certificateExpiry.name, labels, constant(inSeconds, from));
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
