import type { Config } from '../config/schema.ts';
import { healthOf } from '../credentials/health.ts';
import type { ConsumerNamespace, Destination, Wanted } from '../credentials/wanted.ts';
import { backoffMs, type BackoffLimits } from '../kubernetes/backoff.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import type { Leadership } from '../kubernetes/elector.ts';
import { KubernetesError, type KubernetesErrorCode } from '../kubernetes/error.ts';
import { isNonEmpty, printProblem } from '../problems/problem.ts';
import { dueOf, whatIsDue, type Due } from '../restarts/due.ts';
import { readInterval } from '../restarts/interval.ts';
import { lifetimeOf, refusals } from '../restarts/refusals.ts';
import { outputsOf, pathOf, RESTARTED_AT, type Workload } from '../restarts/workload.ts';
import type { ClusterState } from './cluster-state.ts';
import type { EventNote, EventRecorder } from './events.ts';
import { keepDoing, pause, type Persistence } from './keep-doing.ts';
import type { WatchObserver } from './watch-observer.ts';
import { WatchedWorkloads } from './watched-workloads.ts';

export interface RestartingOptions {
  readonly client: KubernetesClient;
  readonly config: Config;
  readonly observer: RestartObserver;
  readonly events: EventRecorder;
  readonly seen: Pick<ClusterState, 'namespace' | 'observed'>;
  readonly wantedOf: (namespace: ConsumerNamespace) => Wanted;
}

export interface RestartObserver {
  /** How many workloads ask for restarts that they cannot have. */
  unrestartable(count: number): void;
  workloadRestarted(workload: Workload): void;
  /** It is tried again after a while, and others meanwhile. */
  workloadNotRestarted(workload: Workload, error: unknown): void;
}

export interface WorkloadRestartsOptions extends RestartingOptions {
  readonly workloads: Pick<WatchedWorkloads, 'all'>;
  readonly mayWrite: () => boolean;
}

const LOOK_EVERY_MS = 10_000;

/** Restarts what asks for it, until the leadership ends. */
export async function keepRestarting(
  options: RestartingOptions & { readonly observer: WatchObserver },
  persistence: Persistence,
  leadership: Leadership,
): Promise<void> {
  const workloads = new WatchedWorkloads(options.client, options.observer);
  const restarts = new WorkloadRestarts({ ...options, workloads, mayWrite: () => leadership.holds() });
  await keepDoing(async () => {
    await restarts.look(options.client.contact.serverTime);
    await pause(LOOK_EVERY_MS, leadership.signal);
  }, persistence);
  await workloads.stop();
}

/** Somebody's policy, or another writer: the next workload may fare better. */
const ITS_OWN_FAULT: readonly KubernetesErrorCode[] = ['forbidden', 'rejected', 'conflict', 'server'];
const MOST_TRIES = 5;
const BACKOFF: BackoffLimits = { firstMs: 60_000, longestMs: 60 * 60_000 };

interface Failures {
  readonly count: number;
  readonly at: number;
}

/** Restarts workloads that ask for it by annotation, for their programs read a credential at the start alone. */
export class WorkloadRestarts {
  readonly #options: WorkloadRestartsOptions;
  /** By uid, for somebody may put a pod template back as it was before the restart. */
  #restarted = new Map<string, number>();
  #failed = new Map<string, Failures>();

  constructor(options: WorkloadRestartsOptions) {
    this.#options = options;
  }

  /** Tells what hinders restarts, and begins one where that is due. @throws KubernetesError */
  async look(now: Date): Promise<void> {
    const all = this.#options.workloads.all();
    const uids = new Set(all.map(({ uid }) => uid));
    this.#restarted = new Map([...this.#restarted].filter(([uid]) => uids.has(uid)));
    this.#failed = new Map([...this.#failed].filter(([uid]) => uids.has(uid)));
    const judged = all.flatMap((workload) => this.#judge(workload, now.getTime()));
    const refused = judged.filter((each) => each.kind === 'refused');
    this.#options.observer.unrestartable(refused.length);
    for (const { workload, note } of refused) await this.#tell(workload, 'Warning', 'RestartRefused', note);
    const dues = judged.flatMap((each) => (each.kind === 'waits' ? [each.due] : []));
    const restarts = [...all.map(({ restartedAt }) => restartedAt), ...this.#restarted.values()];
    await this.#restartFirst(whatIsDue(dues, restarts, now.getTime()), now);
  }

  /** Nothing where its namespace has not opted in, or while a credential that it asks for is not renewed. */
  #judge(workload: Workload, now: number): readonly Judged[] {
    const { seen, wantedOf, config } = this.#options;
    const namespace = seen.namespace(workload.namespace);
    const wanted = namespace === undefined ? undefined : wantedOf(namespace);
    if (wanted?.optedIn !== 'yes') return [];
    const granted = new Map(wanted.destinations.map((each) => [each.output, each]));
    const problems = refusals(workload, config.bots, granted);
    if (isNonEmpty(problems)) {
      return [{ kind: 'refused', workload, note: `not restarted: ${problems.map(printProblem).join('; ')}` }];
    }
    const interval = readInterval(workload.every);
    const { secrets } = seen.observed(workload.namespace);
    const isFresh = ({ output, secretName }: Destination): boolean => {
      const freshness = lifetimeOf(output, config.bots)?.freshness;
      const writtenAt = secrets.get(secretName)?.writtenAt;
      return freshness !== undefined && healthOf(writtenAt, freshness, now) === 'fresh';
    };
    const asked = outputsOf(workload).flatMap((output) => granted.get(output) ?? []);
    if (interval.kind === 'problem' || !asked.every(isFresh)) return [];
    return [{ kind: 'waits', due: dueOf(workload, interval.ms, this.#restarted.get(workload.uid), now) }];
  }

  async #restartFirst(due: readonly Workload[], now: Date): Promise<void> {
    const ready = due.filter(({ uid }) => !this.#rests(uid, now.getTime()));
    for (const workload of ready.slice(0, MOST_TRIES)) {
      if (!this.#options.mayWrite()) return;
      try {
        if (await this.#restart(workload, now)) return;
      } catch (error) {
        await this.#fail(workload, error, now.getTime());
        if (!(error instanceof KubernetesError) || !ITS_OWN_FAULT.includes(error.code)) throw error;
      }
    }
  }

  /** False: it is gone. */
  async #restart(workload: Workload, now: Date): Promise<boolean> {
    const { client, observer } = this.#options;
    const { uid, resourceVersion, every } = workload;
    const time = now.toISOString().replace(/\.\d+Z$/, 'Z');
    const template = { metadata: { annotations: { [RESTARTED_AT]: time } } };
    const body = { metadata: { resourceVersion }, spec: { template } };
    const answer = await client.patchJson(pathOf(workload), { kind: 'merge', body });
    if (answer.kind === 'not-found') return false;
    this.#restarted.set(uid, now.getTime());
    this.#failed.delete(uid);
    observer.workloadRestarted(workload);
    const outputs = outputsOf(workload).join(', ');
    const note = `restarted after ${String(every)}, so that its pods read what outputs ${outputs} are now`;
    await this.#tell(workload, 'Normal', 'WorkloadRestarted', note);
    return true;
  }

  async #fail(workload: Workload, error: unknown, now: number): Promise<void> {
    const { count = 0 } = this.#failed.get(workload.uid) ?? {};
    this.#failed.set(workload.uid, { count: count + 1, at: now });
    this.#options.observer.workloadNotRestarted(workload, error);
    // The next look has the newer version; nobody need hear of that.
    if (!(error instanceof KubernetesError) || error.code === 'conflict') return;
    const note = `a restart is due and could not begin, and is tried again: ${error.message}`;
    await this.#tell(workload, 'Warning', 'RestartFailed', note);
  }

  #rests(uid: string, now: number): boolean {
    const failures = this.#failed.get(uid);
    if (failures === undefined) return false;
    // A failure ahead is from before the clock was set back.
    return failures.at <= now && now - failures.at < backoffMs(failures.count, 1, BACKOFF);
  }

  async #tell(workload: Workload, type: EventNote['type'], reason: string, note: string): Promise<void> {
    const { kind, namespace, name, uid } = workload;
    const regarding = { apiVersion: 'apps/v1', kind, namespace, name, uid };
    await this.#options.events.record({ type, reason, note, regarding });
  }
}

type Judged =
  | { readonly kind: 'refused'; readonly workload: Workload; readonly note: string }
  | { readonly kind: 'waits'; readonly due: Due };
