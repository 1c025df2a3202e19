import { METRICS } from '../../../src/telemetry/table.ts';
import { healthy, expiry, webhookPod } from './alert-healthy.ts';
import {
  constant,
  CONTROLLER,
  events,
  growing,
  series,
  TBOT,
  turning,
  WEBHOOK,
  type Series,
} from './alert-series.ts';

/** What happens in a cluster, and which alerts fire at which minutes. */
export interface Story {
  readonly series: readonly Series[];
  readonly firing: Readonly<Record<number, readonly string[]>>;
}

const DAY = 24 * 60 * 60;
const QUIET = { 5: [], 10: [], 20: [], 40: [], 60: [], 120: [], 180: [] } as const;

const webhookA = { ...WEBHOOK, pod: 'webhook-a' };
const controllerA = { ...CONTROLLER, pod: 'controller-a' };
const controllerB = { ...CONTROLLER, pod: 'controller-b' };
const tbotA = { ...TBOT, pod: 'tbot-a' };
const UP = [webhookA, { ...WEBHOOK, pod: 'webhook-b' }, controllerA, controllerB, tbotA];
const mutate = { ...webhookA, endpoint: 'mutate' };
const renewal = { ...tbotA, service: 'payments-db', name: 'output-renewal' };
const fault = { ...webhookA, certificate: 'serving', reason: 'key-mismatch' };
const ofBot = { ...controllerA, bot: 'example' };
const ofShard = { ...ofBot, shard: '0' };
const namespaces = { ...controllerA, controller: 'namespaces' };
const SUCCESSES = 'tbot_task_iterations_successful_count';
const FAILURES = 'tbot_task_iterations_failed';
const UNHEALTHY = METRICS.unhealthyCredentials.name;
const FAILING = METRICS.failingCredentials.name;
const REACHABLE = METRICS.tbotReachable.name;
const CREDENTIALS = METRICS.credentials.name;
const ERRORS = METRICS.reconcileErrors.name;
const LAST_CONTACT = METRICS.informerLastContact.name;

/** Nobody is woken for these. */
export const FALSE_ALARMS: Readonly<Record<string, Story>> = {
  'a release at rest': { series: healthy(), firing: QUIET },
  'a fresh install, whose pods wait for their first certificate': {
    series: [
      ...but(healthy(8), ...UP.map((labels) => series('up', labels, constant(1, 4)))),
      series(METRICS.certificateFaults.name, { ...fault, reason: 'ENOENT' }, events([4, 1])),
    ],
    firing: { ...QUIET, 1: [], 3: [], 7: [] },
  },
  'a release of which no pod asks for credentials': {
    series: healthy().filter(({ series }) => !series.startsWith('tbot_injector_admission')),
    firing: QUIET,
  },
  'an update of the webhook, pod by pod': {
    series: [
      ...but(healthy(), ...ended(webhookPod('webhook-a'), 60), ...ended(webhookPod('webhook-b'), 62)),
      ...webhookPod('webhook-c', 60),
      ...webhookPod('webhook-d', 62),
    ],
    firing: { ...QUIET, 65: [], 80: [] },
  },
  'a controller that hands over': {
    series: but(
      healthy(),
      series(METRICS.leader.name, controllerA, turning(1, 60, 0)),
      series(METRICS.leader.name, controllerB, turning(0, 61, 1)),
    ),
    firing: { ...QUIET, 61: [], 65: [] },
  },
  'tbot restarted with a new configuration': {
    series: but(healthy(), series('up', tbotA, '1x59 0x5 1x170')),
    firing: { ...QUIET, 65: [] },
  },
  'one renewal that fails, and the next one done': {
    series: but(
      healthy(),
      series(SUCCESSES, renewal, '1x19 2x19 2x19 3x19 4x19 5x19 6x19 7x60'),
      series(FAILURES, renewal, events([40, 1])),
    ),
    firing: { ...QUIET, 50: [], 59: [], 65: [], 75: [] },
  },
  'a namespace that opts in, and has its credentials ten minutes later': {
    series: but(
      healthy(),
      series(UNHEALTHY, { ...ofBot, state: 'never-written' }, '0x59 3x9 0x170'),
      series(METRICS.uninjectedPods.name, controllerA, '0x59 2x9 0x170'),
    ),
    firing: { ...QUIET, 65: [], 69: [], 90: [] },
  },
  'a workload whose interval is corrected within the hour': {
    series: [...healthy(), series(METRICS.unrestartableWorkloads.name, controllerA, '0x59 1x55 0x130')],
    firing: { ...QUIET, 114: [], 125: [] },
  },
  'a renewal that comes late': {
    series: but(healthy(), series(UNHEALTHY, { ...ofBot, state: 'stale' }, '0x59 1x9 0x170')),
    firing: { ...QUIET, 65: [], 69: [], 75: [] },
  },
  'a credential that tbot renews at the second attempt': {
    series: but(healthy(), series(FAILING, ofShard, '0x59 1x21 0x160')),
    firing: { ...QUIET, 65: [], 80: [], 90: [] },
  },
  'a tbot that restarts, and then one that is not there': {
    series: but(
      healthy(),
      series(REACHABLE, ofShard, '1x59 0x2 1x60 0x120'),
      series('up', tbotA, '1x121 _x120'),
    ),
    firing: { 61: [], 70: [], 130: [] },
  },
  'a shard that has room again': {
    series: but(healthy(), series(CREDENTIALS, { ...ofShard, state: 'waiting' }, '0x59 4x4 0x175')),
    firing: { ...QUIET, 64: [], 70: [] },
  },
  'a namespace that fails once more': {
    series: [...healthy(), series(ERRORS, namespaces, turning(1, 60, 2))],
    firing: { ...QUIET, 65: [], 74: [], 75: [], 76: [], 80: [] },
  },
  'a namespace that fails once, in a controller that has just begun': {
    series: [...healthy(), series(ERRORS, { ...namespaces, pod: 'controller-c' }, events([60, 1]))],
    firing: { ...QUIET, 65: [], 74: [], 75: [], 76: [], 80: [] },
  },
  'a heartbeat that Teleport does not take': {
    series: [
      ...healthy(),
      series(FAILURES, { ...tbotA, service: 'heartbeat', name: 'submit-heartbeat' }, growing(1)),
    ],
    firing: QUIET,
  },
  'one broken Deployment that is tried again and again': {
    series: [
      ...healthy().filter(({ series }) => !series.includes('outcome=')),
      series(
        METRICS.admissions.name,
        { ...mutate, outcome: 'refused', reason: 'unknown-output' },
        events([30, 10], [31, 13], [34, 15], [38, 17], [45, 18], [60, 19]),
      ),
    ],
    firing: { ...QUIET, 32: [], 45: [] },
  },
  'pods that are refused for what their authors wrote': {
    series: [
      ...healthy(),
      series(
        'apiserver_admission_webhook_rejection_count',
        { name: 'mutate.tbot-injector.io', error_type: 'no_error' },
        growing(3),
      ),
    ],
    firing: QUIET,
  },
};

/** Somebody has to look. */
export const ALARMS: Readonly<Record<string, Story>> = {
  'every pod of the webhook is down': {
    series: but(
      healthy().filter(({ series }) => !series.includes('-webhook') || series.startsWith('up{')),
      series('up', webhookA, turning(1, 60, 0)),
      series('up', { ...WEBHOOK, pod: 'webhook-b' }, turning(1, 60, 0)),
    ),
    firing: { 180: ['TbotInjectorWebhookDown'] },
  },
  'the webhook was never there': {
    series: healthy().filter(({ series }) => !series.includes('-webhook')),
    firing: { 4: [], 5: ['TbotInjectorWebhookDown'] },
  },
  'one of two pods of the webhook is away': {
    series: but(healthy(), series('up', webhookA, turning(1, 60, 0))),
    firing: { 70: [], 76: ['TbotInjectorWebhookShort'] },
  },
  'API servers cannot call the webhook': {
    series: [
      ...healthy(),
      series(
        'apiserver_admission_webhook_rejection_count',
        { name: 'mutate.tbot-injector.io', error_type: 'calling_webhook_error' },
        growing(3, 60),
      ),
    ],
    firing: { 60: [], 70: ['TbotInjectorWebhookUncallable'] },
  },
  'API servers go on without the webhook': {
    series: [
      ...healthy(),
      series(
        'apiserver_admission_webhook_fail_open_count',
        { name: 'check.tbot-injector.io' },
        growing(3, 60),
      ),
    ],
    firing: { 70: ['TbotInjectorWebhookUncallable'] },
  },
  'a grant is gone and most pods are refused': {
    series: but(
      healthy(),
      series(
        METRICS.admissions.name,
        { ...mutate, outcome: 'refused', reason: 'output-not-granted' },
        growing(30, 60),
      ),
    ),
    firing: { 59: [], 64: ['TbotInjectorRefusals'] },
  },
  'Namespaces cannot be read': {
    series: [
      ...healthy(),
      series(
        METRICS.admissions.name,
        { ...mutate, outcome: 'unavailable', reason: 'namespace-unreadable' },
        growing(2, 60),
      ),
    ],
    firing: { 65: [], 75: ['TbotInjectorFaults'] },
  },
  'reviews take seconds': {
    series: but(
      healthy(),
      series(`${METRICS.admissionDuration.name}_bucket`, { ...mutate, le: '0.001' }, '0x240'),
    ),
    firing: { 20: ['TbotInjectorSlow'] },
  },
  'a pod of the webhook gets no certificate': {
    series: healthy().filter(({ series }) => !(series.includes('webhook-a') && series.includes('expiry'))),
    firing: { 9: [], 10: ['TbotInjectorCertificateMissing'] },
  },
  'a rotation is stuck': {
    series: but(healthy(), expiry({ ...webhookA, certificate: 'serving' }, 8 * DAY)),
    firing: { 59: [], 60: ['TbotInjectorCertificateOverdue'] },
  },
  'the CA was not renewed': {
    series: but(healthy(), expiry({ ...controllerA, certificate: 'ca' }, 100 * DAY)),
    firing: { 60: ['TbotInjectorCertificateOverdue'] },
  },
  'a certificate ends tomorrow': {
    series: but(healthy(), expiry({ ...webhookA, certificate: 'serving' }, DAY)),
    firing: { 5: ['TbotInjectorCertificateExpires'] },
  },
  'a certificate ended': {
    series: but(healthy(), expiry({ ...webhookA, certificate: 'serving' }, 60)),
    firing: { 10: ['TbotInjectorCertificateExpires'] },
  },
  'a Secret is filled with a key that does not fit': {
    series: [...healthy(), series(METRICS.certificateFaults.name, fault, events([60, 1]))],
    firing: { 59: [], 60: ['TbotInjectorCertificateFault'], 89: ['TbotInjectorCertificateFault'], 95: [] },
  },
  'that happens a second time': {
    series: [...healthy(), series(METRICS.certificateFaults.name, fault, events([1, 1], [120, 2]))],
    firing: { 60: [], 122: ['TbotInjectorCertificateFault'], 160: [] },
  },
  'no pod of the controller is up': {
    series: healthy().filter(({ series }) => !series.includes('-controller')),
    firing: { 14: [], 15: ['TbotInjectorControllerDown'] },
  },
  'no replica leads': {
    series: but(healthy(), series(METRICS.leader.name, controllerA, turning(1, 60, 0))),
    firing: { 62: [], 66: ['TbotInjectorNoLeader'] },
  },
  'two lead': {
    series: but(healthy(), series(METRICS.leader.name, controllerB, turning(0, 60, 1))),
    firing: { 62: [], 66: ['TbotInjectorTwoLeaders'] },
  },
  'a controller fails on and on': {
    series: [...healthy(), series(ERRORS, { ...controllerA, controller: 'certificates' }, growing(4, 60))],
    firing: { 70: [], 80: ['TbotInjectorReconcileFails'] },
  },
  'an informer hears nothing any more': {
    series: but(healthy(), series(LAST_CONTACT, { ...webhookA, resource: 'namespaces' }, '0+60x60 3600x180')),
    firing: { 61: [], 70: ['TbotInjectorInformerStale'] },
  },
  'an informer never began': {
    series: but(healthy(), series(LAST_CONTACT, { ...webhookA, resource: 'namespaces' }, constant(0))),
    firing: { 10: ['TbotInjectorInformerStale'] },
  },
  'a clock is behind': {
    series: but(healthy(), series(METRICS.clockAhead.name, controllerA, constant(-7200))),
    firing: { 10: ['TbotInjectorClockOff'] },
  },
  'tbot is gone': {
    series: healthy().filter(({ series }) => !series.includes('-tbot')),
    firing: { 14: [], 15: ['TbotInjectorTbotDown'] },
  },
  'tbot begins again and again': {
    series: but(healthy(), series('up', tbotA, turning(1, 60, 0))),
    firing: { 70: [], 76: ['TbotInjectorTbotDown'] },
  },
  'an output cannot be renewed any more': {
    series: but(
      healthy(),
      series(SUCCESSES, renewal, '1x19 2x19 3x199'),
      series(FAILURES, renewal, events([60, 1], [80, 2], [100, 3], [120, 4], [140, 5])),
    ),
    firing: { 80: [], 90: ['TbotInjectorRenewalFails'], 130: ['TbotInjectorRenewalFails'] },
  },
  'an output could never be written': {
    series: [
      ...healthy(),
      series(
        FAILURES,
        { ...renewal, service: 'misspelt' },
        events([10, 1], [30, 2], [50, 3], [70, 4], [90, 5]),
      ),
    ],
    firing: { 20: [], 26: ['TbotInjectorRenewalFails'], 90: ['TbotInjectorRenewalFails'] },
  },
  'pods run that were not injected': {
    series: but(healthy(), series(METRICS.uninjectedPods.name, controllerA, turning(0, 60, 3))),
    firing: { 89: [], 90: ['TbotInjectorPodsUninjected'] },
  },
  'workloads ask for restarts that they cannot have': {
    series: [...healthy(), series(METRICS.unrestartableWorkloads.name, controllerA, turning(0, 60, 2))],
    firing: { 119: [], 120: ['TbotInjectorRestartsRefused'] },
  },
  'a namespace cannot be put right': {
    series: [...healthy(), series(ERRORS, namespaces, growing(1, 60))],
    firing: { 74: [], 75: ['TbotInjectorNamespaceFails'], 120: ['TbotInjectorNamespaceFails'] },
  },
  'that is tried every five minutes': {
    series: [...healthy(), series(ERRORS, namespaces, '_x60 1x4 2x4 3x4 4x4 5x4 6x4 7x4 7x120')],
    firing: { 74: [], 76: ['TbotInjectorNamespaceFails'], 90: ['TbotInjectorNamespaceFails'], 120: [] },
  },
  'tbot says that it cannot renew two credentials': {
    series: but(healthy(), series(FAILING, ofShard, turning(0, 60, 2))),
    firing: { 89: [], 90: ['TbotInjectorCredentialsFailing'] },
  },
  'the controller may not ask tbot': {
    series: but(healthy(), series(REACHABLE, ofShard, turning(1, 60, 0))),
    firing: { 119: [], 120: ['TbotInjectorTbotSilent'] },
  },
  'credentials are renewed no longer': {
    series: but(healthy(), series(UNHEALTHY, { ...ofBot, state: 'stale' }, turning(0, 60, 2))),
    firing: { 74: [], 75: ['TbotInjectorCredentialsStale'] },
  },
  'credentials were never written': {
    series: but(healthy(), series(UNHEALTHY, { ...ofBot, state: 'never-written' }, turning(0, 60, 2))),
    firing: { 89: [], 90: ['TbotInjectorCredentialsNeverWritten'] },
  },
  'a tenant has changed a Secret': {
    series: but(healthy(), series(CREDENTIALS, { ...ofShard, state: 'blocked' }, turning(0, 60, 1))),
    firing: { 74: [], 75: ['TbotInjectorCredentialsBlocked'] },
  },
  'a shard is full': {
    series: but(healthy(), series(CREDENTIALS, { ...ofShard, state: 'waiting' }, turning(0, 60, 4))),
    firing: { 69: [], 70: ['TbotInjectorShardFull'] },
  },
  'a pod of the webhook has too little CPU': {
    series: but(healthy(), series('nodejs_eventloop_lag_p99_seconds', webhookA, turning(0.011, 60, 0.6))),
    firing: { 65: [], 71: ['TbotInjectorEventLoopLag'] },
  },
  'the configuration cannot be used': {
    series: but(
      healthy(),
      series(METRICS.configProblems.name, webhookA, turning(0, 60, 2)),
      series(METRICS.configCurrent.name, webhookA, turning(1, 60, 0)),
    ),
    firing: { 64: [], 65: ['TbotInjectorConfigInvalid'], 120: ['TbotInjectorConfigInvalid'] },
  },
  'the configuration was edited by hand': {
    series: but(healthy(), series(METRICS.configCurrent.name, webhookA, turning(1, 60, 0))),
    firing: { 89: [], 90: ['TbotInjectorConfigPending'] },
  },
};

/** These series in place of the same ones there. */
function but(series: readonly Series[], ...changes: readonly Series[]): readonly Series[] {
  return [...new Map([...series, ...changes].map((each) => [each.series, each])).values()];
}

/** What Prometheus does with the series of a target that is gone. */
function ended(series: readonly Series[], minute: number): readonly Series[] {
  return series.map(({ series: name, values }) => {
    const [start = '', times = ''] = values.split(/x(?=\d+$)/);
    return { series: name, values: `${start}x${Math.min(Number(times), minute - 1)} stale` };
  });
}
