import type { AnnotatedPod } from '../../credentials/annotated-pod.ts';
import type { BackoffLimits } from '../../kubernetes/backoff.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { KubernetesError, type KubernetesErrorCode } from '../../kubernetes/error.ts';
import { errorFields } from '../../telemetry/fields.ts';
import type { Log } from '../../telemetry/log.ts';
import { ObjectBackoff } from '../runtime/object-backoff.ts';
import { PendingReplacements, ownerOf } from './pending-replacements.ts';

export interface PodEvictionsOptions {
  readonly client: KubernetesClient;
  /** All that ask, injected or not. */
  readonly pods: () => readonly AnnotatedPod[];
  /** Whether its owner makes a new one that gets what it asks for. */
  readonly mayBeEvicted: (pod: AnnotatedPod, now: number) => boolean;
  readonly log: Log;
}

/** New pods come before old ones go, but not all at once. */
const EVICT_EVERY_MS = 30_000;
const MAX_TRIES = 5;
const EVICTION_BACKOFF: BackoffLimits = { initialMs: 60_000, maxMs: 10 * 60_000 };

/** What came in the place of an evicted pod takes its time to be ready, and some never are. */
const SUCCESSOR_BACKOFF: BackoffLimits = { initialMs: 30_000, maxMs: 10 * 60_000 };

/** A PodDisruptionBudget, a policy, or another pod by now. */
const SKIPPED_ERRORS: readonly KubernetesErrorCode[] = ['throttled', 'forbidden', 'rejected', 'conflict'];

/** Evicts pods one by one, so that their owners make new ones. */
export class PodEvictions {
  readonly #options: PodEvictionsOptions;
  readonly #backoff = new ObjectBackoff(EVICTION_BACKOFF);
  readonly #pending = new PendingReplacements();
  /** By uid, owners whose successor was not ready. */
  readonly #waits = new ObjectBackoff(SUCCESSOR_BACKOFF);
  #evictedAt = -Infinity;

  constructor(options: PodEvictionsOptions) {
    this.#options = options;
  }

  /** Evicts one of these pods where that is due. @throws KubernetesError where no pod is to blame */
  async evictNext(uninjected: readonly AnnotatedPod[], now: Date): Promise<void> {
    const at = now.getTime();
    this.#forget(uninjected, at);
    // A clock that was set back postpones nothing.
    if (Math.abs(at - this.#evictedAt) < EVICT_EVERY_MS) return;
    const { client } = this.#options;
    for (const pod of this.#candidates(uninjected, at).slice(0, MAX_TRIES)) {
      if (this.#pending.guards(pod) && !(await this.#hasReadySuccessor(pod, at))) continue;
      if (await this.#evict(pod, at)) return;
      // It asks everybody to be quiet.
      if (client.throttledMs() > 0) return;
    }
  }

  #forget(uninjected: readonly AnnotatedPod[], now: number): void {
    this.#backoff.keepOnly(new Set(uninjected.map(({ uid }) => uid)));
    this.#pending.forgetOld(now);
    this.#waits.keepOnly(this.#pending.all());
  }

  #candidates(uninjected: readonly AnnotatedPod[], now: number): readonly AnnotatedPod[] {
    const { pods, mayBeEvicted } = this.#options;
    const successors = this.#pending.successors(pods());
    const tries = (pod: AnnotatedPod): number =>
      this.#backoff.count(pod.uid) + this.#waits.count(ownerOf(pod));
    return (
      uninjected
        .filter((pod) => !this.#backoff.isBackedOff(pod.uid, now))
        .filter((pod) => !this.#pending.guards(pod) || successors.has(ownerOf(pod)))
        .filter((pod) => !this.#waits.isBackedOff(ownerOf(pod), now))
        .filter((pod) => mayBeEvicted(pod, now))
        // However many cannot be, each of the others has its turn.
        .toSorted((a, b) => tries(a) - tries(b))
    );
  }

  /**
   * Whether its owner can spare another one. The webhook may refuse what comes in the place of the first, or let it
   * through as it was, or it may never start: that costs an owner one pod a day, and not all.
   */
  async #hasReadySuccessor(pod: AnnotatedPod, now: number): Promise<boolean> {
    const { client, pods } = this.#options;
    const owner = ownerOf(pod);
    // Another pod of the same owner has just asked.
    if (this.#waits.isBackedOff(owner, now)) return false;
    const successors = this.#pending.successors(pods()).get(owner) ?? [];
    // Another one every time: one of them may never start.
    const successor = successors[this.#waits.count(owner) % successors.length];
    // Counted as failed before the call: where no answer comes, the next check begins with other owners.
    this.#waits.fail(owner, now);
    if (successor === undefined || !(await isPodReady(client, successor))) return false;
    this.#waits.forget(owner);
    this.#pending.forget(owner);
    return true;
  }

  /** False: it is gone, or cannot be evicted now. */
  async #evict(pod: AnnotatedPod, now: number): Promise<boolean> {
    const { client, pods, log } = this.#options;
    const { namespace, name, uid } = pod;
    const before = this.#evictedAt;
    // Its successor may be seen before the answer.
    const had = pods();
    // An answer that does not come may be a yes.
    this.#evictedAt = now;
    try {
      // By the eviction API, which heeds PodDisruptionBudgets; and this very pod, not its successor.
      const answer = await client.postJson(`/api/v1/namespaces/${namespace}/pods/${name}/eviction`, {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name, namespace },
        deleteOptions: { preconditions: { uid } },
      });
      if (answer.kind === 'ok') {
        this.#pending.lost(pod, had, now);
        log.info('pod evicted', { namespace, name });
        return true;
      }
    } catch (error) {
      this.#backoff.fail(uid, now);
      if (!isSkipped(error)) {
        this.#pending.lost(pod, had, now);
        throw error;
      }
      // Once for each pod: it is tried again, and others meanwhile.
      if (this.#backoff.count(uid) === 1) {
        log.warn('pod not evicted', { namespace, name, ...errorFields(error) });
      }
    }
    this.#evictedAt = before;
    return false;
  }
}

/** 500 is what comes of two PodDisruptionBudgets on one pod, and of a webhook of others that is away. */
function isSkipped(error: unknown): boolean {
  return error instanceof KubernetesError && (SKIPPED_ERRORS.includes(error.code) || error.status === 500);
}

/** Asks whether a pod is Ready: the watch of pods brings metadata alone. @throws KubernetesError */
async function isPodReady(
  client: Pick<KubernetesClient, 'getJson'>,
  { namespace, name, uid }: AnnotatedPod,
): Promise<boolean> {
  // A list of one, for `list` is granted and `get` is not; the API server finds it as fast.
  const answer = await client.getJson(`/api/v1/namespaces/${namespace}/pods`, {
    query: { fieldSelector: `metadata.name=${name}`, limit: '1' },
  });
  const pods = answer.kind === 'ok' ? ((answer.body as RawPods | null)?.items ?? []) : [];
  return pods.some(
    ({ metadata, status }) =>
      metadata?.uid === uid &&
      status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true,
  );
}

interface RawPods {
  readonly items?:
    | readonly {
        readonly metadata?: { readonly uid?: string };
        readonly status?: {
          readonly conditions?: readonly { readonly type?: string; readonly status?: string }[] | null;
        };
      }[]
    | null;
}
