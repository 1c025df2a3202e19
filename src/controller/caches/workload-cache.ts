import type { KubernetesClient } from '../../kubernetes/client.ts';
import { SupervisedWatch } from '../../kubernetes/watch.ts';
import {
  RESTARTABLE_RESOURCES,
  readWorkload,
  type RestartableKind,
  type RestartableWorkload,
} from '../../restarts/workload.ts';
import { follow, keyOf, type Named } from './kept-by-name.ts';
import type { WatchObserver } from './watch-observer.ts';

/** The workloads of the cluster that ask for restarts; of all others nothing is kept. */
export class WorkloadCache {
  readonly #observer: WatchObserver;
  readonly #kept = new Map<RestartableKind, Map<string, RestartableWorkload>>();
  readonly #watches = new Map<string, SupervisedWatch<Named<RestartableWorkload>>>();

  constructor(client: KubernetesClient, observer: WatchObserver) {
    this.#observer = observer;
    for (const { kind, resource } of RESTARTABLE_RESOURCES) {
      const kept = new Map<string, RestartableWorkload>();
      const watch = new SupervisedWatch<Named<RestartableWorkload>>({
        client,
        path: `/apis/apps/v1/${resource}`,
        read: (object) => {
          const key = keyOf(object);
          return key === undefined ? undefined : { key, kept: readWorkload(object, kind) };
        },
        onChange: (change) => {
          follow(kept, change);
        },
        onReport: (report) => {
          observer.watchReported(resource, report);
        },
      });
      this.#kept.set(kind, kept);
      this.#watches.set(resource, watch);
      observer.watchStarted(resource, watch);
    }
  }

  all(): readonly RestartableWorkload[] {
    return [...this.#kept.values()].flatMap((kept) => [...kept.values()]);
  }

  async stop(): Promise<void> {
    await Promise.all(
      [...this.#watches].map(async ([resource, watch]) => {
        await watch.stop();
        this.#observer.watchEnded(resource);
      }),
    );
  }
}
