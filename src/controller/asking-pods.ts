import { readAskingPod, type AskingPod } from '../credentials/asking-pod.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import type { WatchChange } from '../kubernetes/delivery.ts';
import { SupervisedWatch } from '../kubernetes/watch.ts';
import type { WatchObserver } from './watch-observer.ts';

type Seen = { readonly key: string; readonly pod: AskingPod | undefined };

const RESOURCE = 'pods';

/** Every pod of the cluster that asks for credentials and has not ended, kept by a watch. */
export class AskingPods {
  readonly #observer: WatchObserver;
  readonly #pods = new Map<string, AskingPod>();
  readonly #watch: SupervisedWatch<Seen>;

  constructor(client: KubernetesClient, observer: WatchObserver) {
    this.#observer = observer;
    this.#watch = new SupervisedWatch<Seen>({
      client,
      path: '/api/v1/pods',
      // Those of Jobs stay for long; to a watch, one that ends is deleted.
      query: { fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed' },
      // Annotations are all that is asked of a pod.
      extent: 'metadata',
      read: (object) => {
        const pod = readAskingPod(object);
        const key = keyOf(object);
        return pod === undefined || key === undefined
          ? undefined
          : { key, pod: pod === 'other' ? undefined : pod };
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

  all(): readonly AskingPod[] {
    return [...this.#pods.values()];
  }

  async stop(): Promise<void> {
    await this.#watch.stop();
    this.#observer.watchEnded(RESOURCE);
  }

  #follow(change: WatchChange<Seen>): void {
    const items = change.kind === 'replaced' ? change.items : [change.item];
    if (change.kind === 'replaced') this.#pods.clear();
    for (const { key, pod } of items) {
      if (pod === undefined || change.kind === 'deleted') this.#pods.delete(key);
      else this.#pods.set(key, pod);
    }
  }
}

function keyOf(object: unknown): string | undefined {
  const { namespace, name } = (object as { metadata?: { namespace?: string; name?: string } }).metadata ?? {};
  return namespace === undefined || name === undefined ? undefined : `${namespace}/${name}`;
}
