import type { KubernetesClient } from '../kubernetes/client.ts';
import { SupervisedWatch } from '../kubernetes/watch.ts';
import { KINDS, readWorkload, type RestartableKind, type Workload } from '../restarts/workload.ts';
import { follow, keyOf, type Named } from './kept-by-name.ts';
import type { WatchObserver } from './watch-observer.ts';

/** The workloads of the cluster that ask for restarts; of all others nothing is kept. */
export class WatchedWorkloads {
  readonly #observer: WatchObserver;
  readonly #kept = new Map<RestartableKind, Map<string, Workload>>();
  readonly #watches = new Map<string, SupervisedWatch<Named<Workload>>>();

  constructor(client: KubernetesClient, observer: WatchObserver) {
    this.#observer = observer;
    for (const { kind, resource } of KINDS) {
      const kept = new Map<string, Workload>();
      const watch = new SupervisedWatch<Named<Workload>>({
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

  all(): readonly Workload[] {
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
