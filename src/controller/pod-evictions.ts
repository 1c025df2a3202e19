import type { AskingPod } from '../credentials/asking-pod.ts';
import type { BackoffLimits } from '../kubernetes/backoff.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { KubernetesError, type KubernetesErrorCode } from '../kubernetes/error.ts';
import { Setbacks } from './setbacks.ts';

export interface PodEvictionsOptions {
  readonly client: KubernetesClient;
  /** All that ask, injected or not. */
  readonly pods: () => readonly AskingPod[];
  /** Whether its owner makes a new one that gets what it asks for. */
  readonly mayBeEvicted: (pod: AskingPod, now: number) => boolean;
  readonly mayWrite: () => boolean;
  readonly observer: EvictionObserver;
}

type Named = Pick<AskingPod, 'namespace' | 'name'>;

export interface EvictionObserver {
  podEvicted(pod: Named): void;
  /** Told once of each pod; it is tried again, and others meanwhile. */
  podNotEvicted(pod: Named, error: unknown): void;
}

/** New pods come before old ones go, but not all at once. */
const EVICT_EVERY_MS = 30_000;
const MOST_TRIES = 5;
const BACKOFF: BackoffLimits = { firstMs: 60_000, longestMs: 10 * 60_000 };

/** A PodDisruptionBudget, somebody's policy, or another pod by now. */
const ITS_OWN_FAULT: readonly KubernetesErrorCode[] = ['throttled', 'forbidden', 'rejected', 'conflict'];

/** Evicts pods one by one, so that their owners make new ones. */
export class PodEvictions {
  readonly #options: PodEvictionsOptions;
  readonly #setbacks = new Setbacks(BACKOFF);
  /** By uid, owners that have lost a pod to us. */
  #bereft = new Set<string>();
  #evictedAt = -Infinity;

  constructor(options: PodEvictionsOptions) {
    this.#options = options;
  }

  /** Evicts one of these pods where that is due. @throws KubernetesError where no pod is to blame */
  async look(missed: readonly AskingPod[], now: Date): Promise<void> {
    const at = now.getTime();
    this.#forgetAllBut(missed);
    // A clock that was set back postpones nothing.
    if (Math.abs(at - this.#evictedAt) < EVICT_EVERY_MS) return;
    const { client, mayWrite } = this.#options;
    for (const pod of this.#ready(missed, at).slice(0, MOST_TRIES)) {
      if (!mayWrite() || (await this.#evict(pod, at))) return;
      // It asks everybody to be quiet.
      if (client.throttledMs() > 0) return;
    }
  }

  #forgetAllBut(missed: readonly AskingPod[]): void {
    this.#setbacks.keepOnly(new Set(missed.map(({ uid }) => uid)));
    const owners = new Set(missed.map(({ owner }) => owner?.uid));
    this.#bereft = new Set([...this.#bereft].filter((uid) => owners.has(uid)));
  }

  #ready(missed: readonly AskingPod[], now: number): readonly AskingPod[] {
    const { pods, mayBeEvicted } = this.#options;
    const succeeded = new Set(
      pods().flatMap(({ isInjected, owner }) => (isInjected ? (owner?.uid ?? []) : [])),
    );
    // The pod's spec may have the webhook refuse the next one: that costs an owner one pod, and not all.
    const isBereft = (owner = ''): boolean => this.#bereft.has(owner) && !succeeded.has(owner);
    return (
      missed
        .filter((pod) => !this.#setbacks.rests(pod.uid, now) && !isBereft(pod.owner?.uid))
        .filter((pod) => mayBeEvicted(pod, now))
        // However many cannot be, each of the others has its turn.
        .toSorted((a, b) => this.#setbacks.count(a.uid) - this.#setbacks.count(b.uid))
    );
  }

  /** False: it is gone, or cannot be evicted now. */
  async #evict(pod: AskingPod, now: number): Promise<boolean> {
    const { client, observer } = this.#options;
    const { namespace, name, uid, owner } = pod;
    const before = this.#evictedAt;
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
        if (owner !== undefined) this.#bereft.add(owner.uid);
        observer.podEvicted(pod);
        return true;
      }
    } catch (error) {
      this.#setbacks.fail(uid, now);
      if (!isItsOwnFault(error)) throw error;
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
