import { readAnnotatedPod, type AnnotatedPod } from '../../credentials/annotated-pod.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { SupervisedWatch } from '../../kubernetes/watch.ts';
import { follow, keyOf, type Named } from './kept-by-name.ts';
import type { WatchObserver } from './watch-observer.ts';

const RESOURCE = 'pods';

/** Every pod of the cluster that asks for credentials and has not ended, kept by a watch. */
export class PodCache {
  readonly #observer: WatchObserver;
  readonly #pods = new Map<string, AnnotatedPod>();
  readonly #watch: SupervisedWatch<Named<AnnotatedPod>>;

  constructor(client: KubernetesClient, observer: WatchObserver) {
    this.#observer = observer;
    this.#watch = new SupervisedWatch<Named<AnnotatedPod>>({
      client,
      path: '/api/v1/pods',
      // Those of Jobs stay for long; to a watch, one that ends is deleted.
      query: { fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed' },
      // Annotations are all that is asked of a pod.
      extent: 'metadata',
      read: (object) => {
        const pod = readAnnotatedPod(object);
        const key = keyOf(object);
        return pod === undefined || key === undefined
          ? undefined
          : { key, kept: pod === 'other' ? undefined : pod };
      },
      onChange: (change) => {
        follow(this.#pods, change);
      },
      onReport: (report) => {
        observer.watchReported(RESOURCE, report);
      },
    });
    observer.watchStarted(RESOURCE, this.#watch);
  }

  all(): readonly AnnotatedPod[] {
    return [...this.#pods.values()];
  }

  async stop(): Promise<void> {
    await this.#watch.stop();
    this.#observer.watchEnded(RESOURCE);
  }
}
