import type { KubernetesClient } from '../kubernetes/client.ts';
import type { WatchChange } from '../kubernetes/delivery.ts';
import { SupervisedWatch } from '../kubernetes/watch.ts';
import { KINDS, readWorkload, type RestartableKind, type Workload } from '../restarts/workload.ts';
import type { WatchObserver } from './watch-observer.ts';

/** undefined: it does not ask for restarts, or not any more. */
type Seen = { readonly key: string; readonly workload: Workload | undefined };

/** The workloads of the cluster that ask for restarts; of all others nothing is kept. */
export class WatchedWorkloads {
  readonly #observer: WatchObserver;
  readonly #kept = new Map<RestartableKind, Map<string, Workload>>();
  readonly #watches = new Map<string, SupervisedWatch<Seen>>();

  constructor(client: KubernetesClient, observer: WatchObserver) {
    this.#observer = observer;
    for (const { kind, resource } of KINDS) {
      const kept = new Map<string, Workload>();
      const watch = new SupervisedWatch<Seen>({
        client,
        path: `/apis/apps/v1/${resource}`,
        read: (object) => read(object, kind),
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

function read(object: unknown, kind: RestartableKind): Seen | undefined {
  const { namespace, name } = (object as RawObject | null)?.metadata ?? {};
  if (typeof namespace !== 'string' || typeof name !== 'string') return undefined;
  return { key: `${namespace}/${name}`, workload: readWorkload(object, kind) };
}

function follow(kept: Map<string, Workload>, change: WatchChange<Seen>): void {
  if (change.kind === 'replaced') kept.clear();
  for (const { key, workload } of change.kind === 'replaced' ? change.items : [change.item]) {
    if (workload === undefined || change.kind === 'deleted') kept.delete(key);
    else kept.set(key, workload);
  }
}

interface RawObject {
  readonly metadata?: { readonly namespace?: unknown; readonly name?: unknown };
}
