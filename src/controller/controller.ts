import { startHealthServer } from '../health/server.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { runElector, type ElectionReport } from '../kubernetes/elector.ts';
import { createLeaseStore } from '../kubernetes/lease-store.ts';
import { errorFields } from '../telemetry/fields.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { runManager, type OpenTerm } from './manager.ts';
import type { ReleaseNames } from './names.ts';

export interface ControllerSettings {
  readonly client: KubernetesClient;
  readonly namespace: string;
  readonly names: ReleaseNames;
  /** Unique to this process; written into the Lease. */
  readonly identity: string;
  /** What the leader runs; all replicas are given the same. */
  readonly openTerm: OpenTerm;
  readonly log: Log;
  readonly metrics: Metrics;
  /** undefined: every address, of both families where the machine has them. */
  readonly host: string | undefined;
  /** 0: any free port. */
  readonly healthPort: number;
}

export interface RunningController {
  readonly healthPort: number;
  /** Ends the reconcilers, hands the Lease over, closes. */
  stop(): Promise<void>;
}

/** The Lease is looked at every 2 s, so an answer of this age means that several calls have failed. */
const FRESH_MS = 15_000;

/** Serves probes and metrics, and runs its reconcilers whenever it leads. Rejects where the port cannot be had. */
export async function startController(settings: ControllerSettings): Promise<RunningController> {
  const { client, namespace, names, identity, openTerm, log, metrics } = settings;
  const stopping = new AbortController();
  const checks = {
    running: () => !stopping.signal.aborted,
    'api-server': () => client.contact.sinceUsefulAnswerMs < FRESH_MS,
  };
  metrics.onScrape(() => {
    metrics.clockAhead.set(client.contact.aheadMs / 1000);
  });
  const health = await startHealthServer(
    { checks, metrics: () => metrics.render() },
    settings.healthPort,
    settings.host,
  );
  const election = runElector({
    store: createLeaseStore(client, namespace, names.lease),
    identity,
    lead: (leadership) => runManager(client, openTerm, leadership, { log, metrics }),
    onReport: (report) => {
      measureElection(metrics, report);
      logElection(log, report);
    },
    stop: stopping.signal,
  });
  return {
    healthPort: health.port,
    stop: async () => {
      stopping.abort();
      await election;
      health.close();
    },
  };
}

function measureElection(metrics: Metrics, { kind }: ElectionReport): void {
  if (kind === 'leads') metrics.leader.set(true);
  if (kind !== 'lost' && kind !== 'released') return;
  metrics.leader.set(false);
  metrics.resetLeader();
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
