import { startHealthServer } from '../health/server.ts';
import type { HealthSettings } from '../health/app.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { runElector, type ElectionReport } from '../kubernetes/elector.ts';
import { createLeaseStore } from '../kubernetes/lease-store.ts';
import { runDuties, type Duty, type DutyObserver } from './runtime/duty.ts';
import type { ReleaseNames } from './names.ts';

export interface ControllerObserver extends DutyObserver {
  election(report: ElectionReport): void;
}

export interface ControllerSettings {
  readonly client: KubernetesClient;
  readonly namespace: string;
  readonly names: ReleaseNames;
  /** Unique to this process; written into the Lease. */
  readonly identity: string;
  /** What the leader does; all replicas are given the same. */
  readonly duties: readonly Duty[];
  readonly observer: ControllerObserver;
  readonly metrics: HealthSettings['metrics'];
  /** undefined: every address, of both families where the machine has them. */
  readonly host: string | undefined;
  /** 0: any free port. */
  readonly healthPort: number;
}

export interface RunningController {
  readonly healthPort: number;
  /** Ends the duties, hands the Lease over, closes. */
  stop(): Promise<void>;
}

/** The Lease is looked at every 2 s, so an answer of this age means that several calls have failed. */
const FRESH_MS = 15_000;

/** Serves probes and metrics, and does its duties whenever it leads. Rejects where the port cannot be had. */
export async function startController(settings: ControllerSettings): Promise<RunningController> {
  const { client, namespace, names, identity, duties, observer } = settings;
  const stopping = new AbortController();
  const checks = {
    running: () => !stopping.signal.aborted,
    'api-server': () => client.contact.uselessMs < FRESH_MS,
  };
  const health = await startHealthServer(
    { checks, metrics: settings.metrics },
    settings.healthPort,
    settings.host,
  );
  const election = runElector({
    store: createLeaseStore(client, namespace, names.lease),
    identity,
    lead: (leadership) => runDuties(duties, leadership, observer),
    onReport: (report) => {
      observer.election(report);
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
