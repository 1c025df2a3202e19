import { mayBeEvicted, type AskingPod } from '../credentials/asking-pod.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import type { EventNote, EventRecorder } from './events.ts';

export interface MissedPodsOptions {
  readonly client: KubernetesClient;
  readonly pods: () => readonly AskingPod[];
  readonly events: EventRecorder;
  readonly isOptedIn: (namespace: string) => boolean;
  /** Whether pods are evicted, of those owners that make new ones. */
  readonly evicts: boolean;
  readonly mayWrite: () => boolean;
  readonly onCounted: (pods: number) => void;
  readonly onEvicted: (pod: AskingPod) => void;
}

/** The watch may see a pod before the namespace's label, and the other way round. */
const PATIENCE_MS = 15_000;

/** New pods come before old ones go, but not all at once. */
const EVICT_EVERY_MS = 30_000;

/** Pods that slipped through: everybody can hear of them, and where that is wanted they are made anew. */
export class MissedPods {
  readonly #options: MissedPodsOptions;
  #evictedAt = -Infinity;

  constructor(options: MissedPodsOptions) {
    this.#options = options;
  }

  /** Tells of those there are, and evicts one where that is due. @throws KubernetesError */
  async look(now: Date): Promise<void> {
    const { pods, isOptedIn, onCounted } = this.#options;
    const missed = pods().filter(
      ({ namespace, createdAt, isInjected }) =>
        !isInjected && isOptedIn(namespace) && now.getTime() - createdAt > PATIENCE_MS,
    );
    onCounted(missed.length);
    for (const pod of missed) await this.#tell(pod);
    await this.#evictOne(missed, now.getTime());
  }

  async #tell({ namespace, name, uid, owner }: AskingPod): Promise<void> {
    const note =
      `pod ${name} asks for credentials and has none: it was created before namespace ${namespace} opted in, or past ` +
      'the webhook. Fix: create it again, such as by kubectl rollout restart';
    const say = (regarding: EventNote['regarding']): Promise<void> =>
      this.#options.events.record({ type: 'Warning', reason: 'NotInjected', note, regarding });
    await say({ apiVersion: 'v1', kind: 'Pod', namespace, name, uid });
    if (owner !== undefined) await say({ ...owner, namespace });
  }

  async #evictOne(missed: readonly AskingPod[], now: number): Promise<void> {
    const { client, evicts, mayWrite, onEvicted } = this.#options;
    const pod = missed.find(mayBeEvicted);
    if (!evicts || pod === undefined || !mayWrite()) return;
    // A clock that was set back postpones nothing.
    if (Math.abs(now - this.#evictedAt) < EVICT_EVERY_MS) return;
    this.#evictedAt = now;
    const { namespace, name, uid } = pod;
    // By the eviction API, which heeds PodDisruptionBudgets; and this very pod, not its successor.
    await client.postJson(`/api/v1/namespaces/${namespace}/pods/${name}/eviction`, {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name, namespace },
      deleteOptions: { preconditions: { uid } },
    });
    onEvicted(pod);
  }
}
