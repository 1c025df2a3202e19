import type { AnnotatedPod } from '../../credentials/annotated-pod.ts';
import type { BackoffLimits } from '../../kubernetes/backoff.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { KubernetesError, type KubernetesErrorCode } from '../../kubernetes/error.ts';
import { PendingReplacements, ownerOf } from './pending-replacements.ts';
import { isPodReady } from './pod-readiness.ts';
import { ObjectBackoff } from '../runtime/object-backoff.ts';

export interface PodEvictionsOptions {
  readonly client: KubernetesClient;
  /** All that ask, injected or not. */
  readonly pods: () => readonly AnnotatedPod[];
  /** Whether its owner makes a new one that gets what it asks for. */
  readonly mayBeEvicted: (pod: AnnotatedPod, now: number) => boolean;
  readonly mayWrite: () => boolean;
  readonly observer: EvictionObserver;
}

type Named = Pick<AnnotatedPod, 'namespace' | 'name'>;

export interface EvictionObserver {
  podEvicted(pod: Named): void;
  /** Told once of each pod; it is tried again, and others meanwhile. */
  podNotEvicted(pod: Named, error: unknown): void;
}

/** New pods come before old ones go, but not all at once. */
const EVICT_EVERY_MS = 30_000;
const MOST_TRIES = 5;
const BACKOFF: BackoffLimits = { firstMs: 60_000, longestMs: 10 * 60_000 };

/** What came in the place of an evicted pod takes its time to be ready, and some never are. */
const SUCCESSOR_BACKOFF: BackoffLimits = { firstMs: 30_000, longestMs: 10 * 60_000 };

/** A PodDisruptionBudget, somebody's policy, or another pod by now. */
const ITS_OWN_FAULT: readonly KubernetesErrorCode[] = ['throttled', 'forbidden', 'rejected', 'conflict'];

/** Evicts pods one by one, so that their owners make new ones. */
export class PodEvictions {
  readonly #options: PodEvictionsOptions;
  readonly #setbacks = new ObjectBackoff(BACKOFF);
  readonly #bereft = new PendingReplacements();
  /** By uid, owners whose successor was not ready. */
  readonly #waits = new ObjectBackoff(SUCCESSOR_BACKOFF);
  #evictedAt = -Infinity;

  constructor(options: PodEvictionsOptions) {
    this.#options = options;
  }

  /** Evicts one of these pods where that is due. @throws KubernetesError where no pod is to blame */
  async look(uninjected: readonly AnnotatedPod[], now: Date): Promise<void> {
    const at = now.getTime();
    this.#forget(uninjected, at);
    // A clock that was set back postpones nothing.
    if (Math.abs(at - this.#evictedAt) < EVICT_EVERY_MS) return;
    const { client, mayWrite } = this.#options;
    for (const pod of this.#ready(uninjected, at).slice(0, MOST_TRIES)) {
      if (this.#bereft.guards(pod) && !(await this.#hasReadySuccessor(pod, at))) continue;
      if (!mayWrite() || (await this.#evict(pod, at))) return;
      // It asks everybody to be quiet.
      if (client.throttledMs() > 0) return;
    }
  }

  #forget(uninjected: readonly AnnotatedPod[], now: number): void {
    this.#setbacks.keepOnly(new Set(uninjected.map(({ uid }) => uid)));
    this.#bereft.forgetOld(now);
    this.#waits.keepOnly(this.#bereft.all());
  }

  #ready(uninjected: readonly AnnotatedPod[], now: number): readonly AnnotatedPod[] {
    const { pods, mayBeEvicted } = this.#options;
    const successors = this.#bereft.successors(pods());
    const tries = (pod: AnnotatedPod): number =>
      this.#setbacks.count(pod.uid) + this.#waits.count(ownerOf(pod));
    return (
      uninjected
        .filter((pod) => !this.#setbacks.rests(pod.uid, now))
        .filter((pod) => !this.#bereft.guards(pod) || successors.has(ownerOf(pod)))
        .filter((pod) => !this.#waits.rests(ownerOf(pod), now))
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
    if (this.#waits.rests(owner, now)) return false;
    const successors = this.#bereft.successors(pods()).get(owner) ?? [];
    // Another one every time: one of them may never start.
    const successor = successors[this.#waits.count(owner) % successors.length];
    // Before the answer: where none comes, the next look is at others first.
    this.#waits.fail(owner, now);
    if (successor === undefined || !(await isPodReady(client, successor))) return false;
    this.#waits.forget(owner);
    this.#bereft.forget(owner);
    return true;
  }

  /** False: it is gone, or cannot be evicted now. */
  async #evict(pod: AnnotatedPod, now: number): Promise<boolean> {
    const { client, pods, observer } = this.#options;
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
        this.#bereft.lost(pod, had, now);
        observer.podEvicted(pod);
        return true;
      }
    } catch (error) {
      this.#setbacks.fail(uid, now);
      if (!isItsOwnFault(error)) {
        this.#bereft.lost(pod, had, now);
        throw error;
      }
      if (this.#setbacks.count(uid) === 1) observer.podNotEvicted(pod, error);
    }
    this.#evictedAt = before;
    return false;
  }
}

/** 500 is what comes of two PodDisruptionBudgets on one pod, and of somebody's webhook that is away. */
function isItsOwnFault(error: unknown): boolean {
  return error instanceof KubernetesError && (ITS_OWN_FAULT.includes(error.code) || error.status === 500);
}
