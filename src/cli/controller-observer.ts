import type { RotationStep } from '../certificates/rotation-facts.ts';
import type { CertificateObserver } from '../controller/certificates/certificate-reconciler.ts';
import type { CertificateReport } from '../controller/certificates/rotate.ts';
import type { ControllerObserver } from '../controller/controller.ts';
import type { CredentialObserver } from '../controller/credential-duty.ts';
import type { ElectionReport } from '../kubernetes/elector.ts';
import { errorFields } from '../telemetry/fields.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { logWatch } from './watch-log.ts';

/** Tells log and metrics what a controller does. */
export function createControllerObserver(
  log: Log,
  metrics: Metrics,
  clockAheadMs: () => number,
): ControllerObserver & CertificateObserver & CredentialObserver {
  metrics.onScrape(() => {
    metrics.clockAhead.set(clockAheadMs() / 1000);
  });
  return {
    election: (report) => {
      if (report.kind === 'leads') metrics.leader.set(true);
      else if (report.kind === 'lost' || report.kind === 'released') {
        metrics.leader.set(false);
        metrics.resetLeader();
      }
      logElection(log, report);
    },
    dutyFailed: ({ duty, error, delayMs }) => {
      metrics.reconcileErrors.inc({ controller: duty });
      log.error('reconcile failed', { controller: duty, delayMs, ...errorFields(error) });
    },
    certificates: (report) => {
      measure(metrics, report);
      if (report.kind === 'done') logStep(log, report.step);
    },
    namespaceFailed: ({ namespace, error, delayMs }) => {
      metrics.reconcileErrors.inc({ controller: 'namespaces' });
      log.warn('namespace failed', { namespace, delayMs, ...errorFields(error) });
    },
    namespaceContested: (namespace) => {
      log.warn('namespace contested: somebody undoes what is put right there', { namespace });
    },
    tbotRestarted: ({ bot, shard }) => {
      metrics.tbotRestarts.inc({ bot, shard });
      log.info('tbot restarted', { bot, shard });
    },
    listed: ({ bot, shard }, { listed, waiting, blocked }) => {
      metrics.credentials.set({ bot, shard, state: 'configured' }, listed);
      metrics.credentials.set({ bot, shard, state: 'waiting' }, waiting);
      metrics.credentials.set({ bot, shard, state: 'blocked' }, blocked);
    },
    healthCounted: (bot, counts) => {
      for (const [state, count] of Object.entries(counts))
        metrics.unhealthyCredentials.set({ bot, state }, count);
    },
    failingCounted: ({ bot, shard }, count) => {
      if (count === undefined) metrics.failingCredentials.remove({ bot, shard });
      else metrics.failingCredentials.set({ bot, shard }, count);
    },
    tbotPolled: ({ bot, shard }, { failure, isNews }) => {
      metrics.tbotReachable.set({ bot, shard }, failure === undefined);
      if (!isNews) return;
      if (failure === undefined) log.info('tbot answers', { bot, shard });
      else log.info('tbot does not answer', { bot, shard, ...errorFields(failure) });
    },
    uninjectedPods: (count) => {
      metrics.uninjectedPods.set(count);
    },
    revokedPods: (count) => {
      metrics.podsWithRevokedCredentials.set(count);
    },
    podEvicted: ({ namespace, name }) => {
      log.info('pod evicted', { namespace, name });
    },
    podNotEvicted: ({ namespace, name }, error) => {
      log.warn('pod not evicted', { namespace, name, ...errorFields(error) });
    },
    unrestartable: (count) => {
      metrics.unrestartableWorkloads.set(count);
    },
    workloadRestarted: ({ kind, namespace, name }) => {
      metrics.workloadRestarts.inc({ outcome: 'done' });
      log.info('workload restarted', { kind, namespace, name });
    },
    workloadNotRestarted: ({ kind, namespace, name }, error) => {
      metrics.workloadRestarts.inc({ outcome: 'failed' });
      log.warn('workload not restarted', { kind, namespace, name, ...errorFields(error) });
    },
    eventFailed: (error) => {
      log.warn('event not recorded', errorFields(error));
    },
    watchReported: (resource, report) => {
      logWatch(log, resource, report);
    },
    watchStarted: (resource, watch) => {
      metrics.followInformer(resource, watch);
    },
    watchEnded: (resource) => {
      metrics.unfollowInformer(resource);
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

function measure(metrics: Metrics, report: CertificateReport): void {
  if (report.kind === 'state') {
    const { signing, leaf } = report.facts;
    if (signing) metrics.certificateExpiry.set({ certificate: 'ca' }, signing.notAfter.getTime() / 1000);
    if (leaf) metrics.certificateExpiry.set({ certificate: 'serving' }, leaf.notAfter.getTime() / 1000);
    return;
  }
  const { step, writes } = report;
  if (step.kind === 'issue') metrics.certificateRotations.inc({ certificate: 'serving', reason: step.cause });
  if (step.kind === 'store-authority' && isNewCa(step.plan))
    metrics.certificateRotations.inc({ certificate: 'ca', reason: step.cause });
  if (step.kind === 'publish') metrics.caBundleWrites.inc(writes);
}

function isNewCa({ signing, next }: Extract<RotationStep, { kind: 'store-authority' }>['plan']): boolean {
  return typeof signing === 'symbol' || typeof next === 'symbol';
}
