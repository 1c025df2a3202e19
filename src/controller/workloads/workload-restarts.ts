import type { Config } from '../../config/schema.ts';
import type { ConsumerNamespace, Destination, DesiredState } from '../../credentials/desired-state.ts';
import { isFresh } from '../../credentials/health.ts';
import type { BackoffLimits } from '../../kubernetes/backoff.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { isAborted, KubernetesError, type KubernetesErrorCode } from '../../kubernetes/error.ts';
import { isNonEmpty, printProblem } from '../../problems/problem.ts';
import {
  createLifetimeLookup,
  restartProblems,
  type LifetimeLookup,
} from '../../restarts/restart-problems.ts';
import { dueRestarts, isTooSoon, planRestart, type PlannedRestart } from '../../restarts/schedule.ts';
import {
  parseInterval,
  requestedOutputs,
  ROLLOUT_RESTARTED_AT,
  workloadPath,
  type RestartableWorkload,
} from '../../restarts/workload.ts';
import { errorFields } from '../../telemetry/fields.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { ClusterCache } from '../caches/cluster-cache.ts';
import type { WorkloadCache } from '../caches/workload-cache.ts';
import { ActiveEvents } from '../runtime/active-events.ts';
import type { DeduplicatingRecorder, KubernetesEvent } from '../runtime/event-recorder.ts';
import { ObjectBackoff } from '../runtime/object-backoff.ts';
import { periodic, type Reconciler } from '../runtime/reconciler.ts';

export interface RestartReconcilerOptions extends WorkloadRestartsOptions {
  readonly cluster: ClusterCache;
  /** By the API server's clock. */
  readonly now: () => Date;
}

const CHECK_EVERY_MS = 10_000;

/** Restarts the workloads that ask for it, one after the other. */
export function createRestartReconciler(options: RestartReconcilerOptions): Reconciler {
  const restarts = new WorkloadRestarts(options);
  return periodic({
    name: 'workload-restarts',
    whenSynced: () => options.cluster.whenSynced(),
    everyMs: () => CHECK_EVERY_MS,
    check: () => restarts.restartNext(options.now()),
  });
}

export interface WorkloadRestartsOptions {
  readonly client: KubernetesClient;
  readonly config: Config;
  readonly events: DeduplicatingRecorder;
  readonly workloads: Pick<WorkloadCache, 'all'>;
  readonly cluster: Pick<ClusterCache, 'namespace' | 'observed'>;
  readonly desiredStateOf: (namespace: ConsumerNamespace) => DesiredState;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'unrestartableWorkloads' | 'workloadRestarts'>;
}

/** A policy, or another writer: the next workload may fare better. */
const ITS_OWN_FAULT: readonly KubernetesErrorCode[] = ['forbidden', 'rejected', 'conflict', 'server'];
const MAX_TRIES = 5;
const BACKOFF: BackoffLimits = { initialMs: 60_000, maxMs: 60 * 60_000 };

/** Restarts workloads that ask for it by annotation, for their programs read a credential at the start alone. */
export class WorkloadRestarts {
  readonly #options: WorkloadRestartsOptions;
  readonly #lifetimeOf: LifetimeLookup;
  readonly #backoff = new ObjectBackoff(BACKOFF);
  readonly #refused: ActiveEvents;
  /** By uid: a pod template may be put back as it was before the restart. */
  #restarted = new Map<string, number>();
  /** By namespace: the higher, the later was its last turn. */
  #turns = new Map<string, number>();
  #turn = 0;
  /** The last restart; before our first, when we began: the leader before us may have made one just then. */
  #last: number | undefined;

  constructor(options: WorkloadRestartsOptions) {
    this.#options = options;
    this.#lifetimeOf = createLifetimeLookup(options.config.bots);
    this.#refused = new ActiveEvents(options.events);
  }

  /** Tells what hinders restarts, and begins one where that is due. @throws KubernetesError */
  async restartNext(now: Date): Promise<void> {
    const all = this.#options.workloads.all();
    const uids = new Set(all.map(({ uid }) => uid));
    this.#restarted = new Map([...this.#restarted].filter(([uid]) => uids.has(uid)));
    this.#backoff.keepOnly(uids);
    const namespaces = Map.groupBy(all, ({ namespace }) => namespace);
    this.#turns = new Map([...this.#turns].filter(([name]) => namespaces.has(name)));
    const judged = [...namespaces].flatMap(([name, its]) => this.#examine(name, its, now.getTime()));
    const refused = judged.filter((each) => each.kind === 'refused');
    this.#options.metrics.unrestartableWorkloads.set(refused.length);
    const dues = judged.flatMap((each) => (each.kind === 'waits' ? [each.due] : []));
    // Before the Events, of which there may be many.
    await this.#restartFirst(dues, now);
    await this.#refused.record(
      refused.map(({ workload, note }) => noteOn(workload, 'Warning', 'RestartRefused', note)),
    );
  }

  /** Nothing where the namespace has not opted in. */
  #examine(name: string, workloads: readonly RestartableWorkload[], now: number): readonly Judged[] {
    const { cluster, desiredStateOf } = this.#options;
    const namespace = cluster.namespace(name);
    const desired = namespace === undefined ? undefined : desiredStateOf(namespace);
    if (desired?.optedIn !== 'yes') return [];
    const granted = new Map(desired.destinations.map((each) => [each.output, each]));
    return workloads.flatMap((workload) => {
      const problems = restartProblems(workload, this.#lifetimeOf, granted);
      if (!isNonEmpty(problems)) return this.#due(workload, granted, now);
      const note = `not restarted: ${problems.map(printProblem).join('; ')}`;
      return [{ kind: 'refused', workload, note }];
    });
  }

  /** Nothing while a credential that it asks for is not renewed. */
  #due(
    workload: RestartableWorkload,
    granted: ReadonlyMap<string, Destination>,
    now: number,
  ): readonly Judged[] {
    const { cluster, config } = this.#options;
    const interval = parseInterval(workload.every);
    const { secrets } = cluster.observed(workload.namespace);
    const asked = requestedOutputs(workload).flatMap((output) => granted.get(output) ?? []);
    const areFresh = asked.every((each) => isFresh(each, secrets.get(each.secretName), config.bots, now));
    if (interval.kind === 'problem' || !areFresh) return [];
    return [
      { kind: 'waits', due: planRestart(workload, interval.ms, this.#restarted.get(workload.uid), now) },
    ];
  }

  async #restartFirst(dues: readonly PlannedRestart[], now: Date): Promise<void> {
    const time = now.getTime();
    this.#last ??= time;
    if (isTooSoon(this.#last, time)) return;
    const turns = {
      lastTurns: this.#turns,
      isBackedOff: (uid: string) => this.#backoff.isBackedOff(uid, time),
    };
    for (const workload of dueRestarts(dues, turns, time).slice(0, MAX_TRIES)) {
      this.#turns.set(workload.namespace, ++this.#turn);
      try {
        if (await this.#restart(workload, now)) return;
      } catch (error) {
        if (isAborted(error)) throw error;
        await this.#fail(workload, error, time);
        if (!(error instanceof KubernetesError) || !ITS_OWN_FAULT.includes(error.code)) throw error;
      }
    }
  }

  /** False: it is gone. */
  async #restart(workload: RestartableWorkload, now: Date): Promise<boolean> {
    const { client, log, metrics } = this.#options;
    const { kind, namespace, name, uid, resourceVersion, every } = workload;
    const time = now.toISOString().replace(/\.\d+Z$/, 'Z');
    const template = { metadata: { annotations: { [ROLLOUT_RESTARTED_AT]: time } } };
    const body = { metadata: { resourceVersion }, spec: { template } };
    const answer = await client.patchJson(workloadPath(workload), { kind: 'merge', body });
    if (answer.kind === 'not-found') return false;
    this.#last = now.getTime();
    this.#restarted.set(uid, now.getTime());
    this.#backoff.forget(uid);
    metrics.workloadRestarts.inc({ outcome: 'done' });
    log.info('workload restarted', { kind, namespace, name });
    const outputs = requestedOutputs(workload).join(', ');
    const note = `restarted after ${String(every)}, so that its pods read what outputs ${outputs} are now`;
    await this.#record(workload, 'Normal', 'WorkloadRestarted', note);
    return true;
  }

  async #fail(workload: RestartableWorkload, error: unknown, now: number): Promise<void> {
    this.#backoff.fail(workload.uid, now);
    const { kind, namespace, name } = workload;
    this.#options.metrics.workloadRestarts.inc({ outcome: 'failed' });
    this.#options.log.warn('workload not restarted', { kind, namespace, name, ...errorFields(error) });
    // The next check has the newer version: no Event is needed.
    if (!(error instanceof KubernetesError) || error.code === 'conflict') return;
    const note = `a restart is due and could not begin, and is tried again: ${error.message}`;
    await this.#record(workload, 'Warning', 'RestartFailed', note);
  }

  async #record(
    workload: RestartableWorkload,
    type: KubernetesEvent['type'],
    reason: string,
    note: string,
  ): Promise<void> {
    await this.#options.events.record(noteOn(workload, type, reason, note));
  }
}

function noteOn(
  { kind, namespace, name, uid }: RestartableWorkload,
  type: KubernetesEvent['type'],
  reason: string,
  note: string,
): KubernetesEvent {
  return { type, reason, note, regarding: { apiVersion: 'apps/v1', kind, namespace, name, uid } };
}

type Judged =
  | { readonly kind: 'refused'; readonly workload: RestartableWorkload; readonly note: string }
  | { readonly kind: 'waits'; readonly due: PlannedRestart };
