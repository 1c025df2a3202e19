import type { KubernetesClient } from '../../kubernetes/client.ts';
import { Informer, NOT_KEPT, type InformerMonitor } from '../../kubernetes/informer.ts';
import { readWorkload, RESTARTABLE_RESOURCES, type RestartableWorkload } from '../../restarts/workload.ts';

/** The workloads of the cluster that ask for restarts; nothing is kept of the others. */
export class WorkloadCache {
  readonly #informers: readonly Informer<RestartableWorkload>[];

  constructor(client: KubernetesClient, monitor: InformerMonitor) {
    this.#informers = RESTARTABLE_RESOURCES.map(
      ({ kind, resource }) =>
        new Informer<RestartableWorkload>({
          client,
          monitor,
          resource,
          path: `/apis/apps/v1/${resource}`,
          read: (object) => readWorkload(object, kind) ?? NOT_KEPT,
        }),
    );
  }

  all(): readonly RestartableWorkload[] {
    return this.#informers.flatMap((informer) => [...informer.values()]);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#informers.map((informer) => informer.stop()));
  }
}
