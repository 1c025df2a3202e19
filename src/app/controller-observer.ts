import type { RotationStep } from '../certificates/rotation-facts.ts';
import type { CertificateObserver } from '../controller/certificates/certificate-reconciler.ts';
import type { CertificateReport } from '../controller/certificates/rotate.ts';
import type { ControllerObserver } from '../controller/controller.ts';
import type { CredentialObserver } from '../controller/credential-duty.ts';
import type { ElectionReport } from '../kubernetes/elector.ts';
import { errorFields } from '../telemetry/fields.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { ControllerMetrics } from '../telemetry/controller-metrics.ts';
import { logWatch } from './watch-log.ts';

/** Tells log and metrics what a controller does. */
export function createControllerObserver(
  log: Log,
  metrics: Metrics,
  clockAheadMs: () => number,
): ControllerObserver & CertificateObserver & CredentialObserver {
  let isLeading = false;
  const own = metrics.forController({ isLeading: () => isLeading, clockAheadMs });
  return {
    election: (report) => {
      if (report.kind === 'leads') isLeading = true;
      else if (report.kind === 'lost' || report.kind === 'released') {
        isLeading = false;
        own.forget();
      }
      logElection(log, report);
    },
    dutyFailed: ({ duty, error, delayMs }) => {
      own.countDutyFailure(duty);
      log.error('duty failed', { duty, delayMs, ...errorFields(error) });
    },
    certificates: (report) => {
      measure(own, report);
      if (report.kind === 'done') logStep(log, report.step);
    },
    namespaceFailed: ({ namespace, error, delayMs }) => {
      own.countNamespaceFailure();
      log.warn('namespace failed', { namespace, delayMs, ...errorFields(error) });
    },
    namespaceContested: (namespace) => {
      log.warn('namespace contested: another writer undoes what the controller repairs', { namespace });
    },
    tbotRestarted: (of) => {
      own.countTbotRestart(of);
      log.info('tbot restarted', { bot: of.bot, shard: of.shard });
    },
    listed: (of, counts) => {
      own.recordCredentials(of, counts);
    },
    healthCounted: (bot, counts) => {
      own.recordUnhealthy(bot, counts);
    },
    failingCounted: (of, count) => {
      own.recordFailing(of, count);
    },
    tbotPolled: (of, { failure, isNews }) => {
      own.recordReachable(of, failure === undefined);
      if (!isNews) return;
      const { bot, shard } = of;
      if (failure === undefined) log.info('tbot answers', { bot, shard });
      else log.info('tbot does not answer', { bot, shard, ...errorFields(failure) });
    },
    uninjectedPods: (count) => {
      own.recordUninjectedPods(count);
    },
    revokedPods: (count) => {
      own.recordRevokedPods(count);
    },
    podEvicted: ({ namespace, name }) => {
      log.info('pod evicted', { namespace, name });
    },
    podNotEvicted: ({ namespace, name }, error) => {
      log.warn('pod not evicted', { namespace, name, ...errorFields(error) });
    },
    unrestartable: (count) => {
      own.recordUnrestartable(count);
    },
    workloadRestarted: ({ kind, namespace, name }) => {
      own.countWorkloadRestart('done');
      log.info('workload restarted', { kind, namespace, name });
    },
    workloadNotRestarted: ({ kind, namespace, name }, error) => {
      own.countWorkloadRestart('failed');
      log.warn('workload not restarted', { kind, namespace, name, ...errorFields(error) });
    },
    eventFailed: (error) => {
      log.warn('event not recorded', errorFields(error));
    },
    watchReported: (resource, report) => {
      logWatch(log, resource, report);
    },
    watchStarted: (resource, watch) => {
      metrics.followWatch(resource, watch);
    },
    watchEnded: (resource) => {
      metrics.unfollowWatch(resource);
    },
  };
}

function logElection(log: Log, report: ElectionReport): void {
  switch (report.kind) {
    case 'leads':
      log.info('leading');
      break;
    case 'follows':
      log.info('following', { holder: report.leader });
      break;
    case 'lost':
      log.warn('leading no longer', { reason: report.why });
      break;
    case 'released':
      log.info('lease handed over');
      break;
    case 'failed':
      // Replicas that start together race for the Lease: all but one are late.
      log[isConflict(report.error) ? 'debug' : 'warn']('election failed', errorFields(report.error));
      break;
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'conflict';
}

function logStep(log: Log, step: RotationStep): void {
  switch (step.kind) {
    case 'store-authority':
      log.info('certificate authority stored', { reason: step.cause });
      break;
    case 'publish':
      log.info('bundle published', { count: step.bundle.length });
      break;
    case 'issue':
      log.info('serving certificate issued', { reason: step.cause });
      break;
    case 'accompany':
      log.info('bundle stored beside the serving certificate', { count: step.bundle.length });
      break;
    case 'settle':
    case 'rest':
      break;
  }
}

function measure(own: ControllerMetrics, report: CertificateReport): void {
  if (report.kind === 'state') {
    const { signing, leaf } = report.facts;
    if (signing !== undefined) own.recordExpiry('ca', signing.notAfter);
    if (leaf !== undefined) own.recordExpiry('serving', leaf.notAfter);
    return;
  }
  const { step, writes } = report;
  if (step.kind === 'issue') own.countRotation('serving', step.cause);
  if (step.kind === 'store-authority' && isNewCa(step.plan)) own.countRotation('ca', step.cause);
  if (step.kind === 'publish') for (let count = 0; count < writes; count++) own.countCaBundleWrite();
}

function isNewCa({ signing, next }: Extract<RotationStep, { kind: 'store-authority' }>['plan']): boolean {
  return typeof signing === 'symbol' || typeof next === 'symbol';
}
