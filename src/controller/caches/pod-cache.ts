import { readAnnotatedPod, type AnnotatedPod } from '../../credentials/annotated-pod.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { Informer, NOT_KEPT, type InformerMonitor } from '../../kubernetes/informer.ts';

/** Every pod of the cluster that asks for credentials and has not ended. */
export type PodCache = Pick<Informer<AnnotatedPod>, 'values' | 'stop'>;

export function openPodCache(client: KubernetesClient, monitor: InformerMonitor): PodCache {
  return new Informer<AnnotatedPod>({
    client,
    monitor,
    resource: 'pods',
    path: '/api/v1/pods',
    // Pods of Jobs stay for long after their end; to this informer, one that ends is deleted.
    query: { fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed' },
    // Of a pod only its annotations matter.
    extent: 'metadata',
    read: (object) => {
      const pod = readAnnotatedPod(object);
      return pod === 'other' ? NOT_KEPT : pod;
    },
  });
}
