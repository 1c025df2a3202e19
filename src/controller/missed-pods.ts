import { mayBeEvicted, readMissedPod, type MissedPod } from '../credentials/missed.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import type { WatchChange } from '../kubernetes/delivery.ts';
import { SupervisedWatch } from '../kubernetes/watch.ts';
import type { EventNote, EventRecorder } from './events.ts';
import type { WatchObserver } from './watch-observer.ts';

export interface MissedPodsOptions {
  readonly client: KubernetesClient;
  readonly observer: WatchObserver;
  readonly events: EventRecorder;
  readonly isOptedIn: (namespace: string) => boolean;
  /** Whether pods are evicted, of those owners that make new ones. */
  readonly evicts: boolean;
  readonly mayWrite: () => boolean;
  readonly onCounted: (pods: number) => void;
  readonly onEvicted: (pod: MissedPod) => void;
}

type Seen = { readonly key: string; readonly pod: MissedPod | undefined };

const RESOURCE = 'pods';

/** The watch may see a pod before the namespace's label, and the other way round. */
const PATIENCE_MS = 15_000;

/** New pods come before old ones go, but not all at once. */
const EVICT_EVERY_MS = 30_000;

/** Pods that slipped through: everybody can hear of them, and where that is wanted they are made anew. */
export class MissedPods {
  readonly #options: MissedPodsOptions;
  readonly #pods = new Map<string, MissedPod>();
  readonly #watch: SupervisedWatch<Seen>;
  #evictedAt = -Infinity;

  constructor(options: MissedPodsOptions) {
    this.#options = options;
    const { client, observer } = options;
    this.#watch = new SupervisedWatch<Seen>({
      client,
      path: '/api/v1/pods',
      // Annotations are all that is asked of a pod.
      extent: 'metadata',
      read: (object) => {
        const pod = readMissedPod(object);
        const key = keyOf(object);
        return pod === undefined || key === undefined
          ? undefined
          : { key, pod: pod === 'well' ? undefined : pod };
      },
      onChange: (change) => {
        this.#follow(change);
      },
      onReport: (report) => {
        observer.watchReported(RESOURCE, report);
      },
    });
    observer.watchStarted(RESOURCE, this.#watch);
  }

  /** Tells of those there are, and evicts one where that is due. @throws KubernetesError */
  async look(now: Date): Promise<void> {
    const { isOptedIn, onCounted } = this.#options;
    const missed = [...this.#pods.values()].filter(
      ({ namespace, createdAt }) => isOptedIn(namespace) && now.getTime() - createdAt > PATIENCE_MS,
    );
    onCounted(missed.length);
    for (const pod of missed) await this.#tell(pod);
    await this.#evictOne(missed, now.getTime());
  }

  async stop(): Promise<void> {
    await this.#watch.stop();
    this.#options.observer.watchEnded(RESOURCE);
  }

  #follow(change: WatchChange<Seen>): void {
    const items = change.kind === 'replaced' ? change.items : [change.item];
    if (change.kind === 'replaced') this.#pods.clear();
    for (const { key, pod } of items) {
      if (pod === undefined || change.kind === 'deleted') this.#pods.delete(key);
      else this.#pods.set(key, pod);
    }
  }

  async #tell({ namespace, name, uid, owner }: MissedPod): Promise<void> {
    const note =
      `pod ${name} asks for credentials and has none: it was created before namespace ${namespace} opted in, or past ` +
      'the webhook. Fix: create it again, such as by kubectl rollout restart';
    const say = (regarding: EventNote['regarding']): Promise<void> =>
      this.#options.events.record({ type: 'Warning', reason: 'NotInjected', note, regarding });
    await say({ apiVersion: 'v1', kind: 'Pod', namespace, name, uid });
    if (owner !== undefined) await say({ ...owner, namespace });
  }

  async #evictOne(missed: readonly MissedPod[], now: number): Promise<void> {
    const { client, evicts, mayWrite, onEvicted } = this.#options;
    const pod = missed.find(mayBeEvicted);
    if (!evicts || pod === undefined || !mayWrite() || now - this.#evictedAt < EVICT_EVERY_MS) return;
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

function keyOf(object: unknown): string | undefined {
  const { namespace, name } = (object as { metadata?: { namespace?: string; name?: string } }).metadata ?? {};
  return namespace === undefined || name === undefined ? undefined : `${namespace}/${name}`;
}
