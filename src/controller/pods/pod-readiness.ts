import type { AnnotatedPod } from '../../credentials/annotated-pod.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';

/** Asks whether a pod is Ready: the watch of pods brings metadata alone. @throws KubernetesError */
export async function isPodReady(
  client: Pick<KubernetesClient, 'getJson'>,
  { namespace, name, uid }: AnnotatedPod,
): Promise<boolean> {
  // A list of one, for `list` is granted and `get` is not; the API server finds it as fast.
  const answer = await client.getJson(`/api/v1/namespaces/${namespace}/pods`, {
    query: { fieldSelector: `metadata.name=${name}`, limit: '1' },
  });
  const pods = answer.kind === 'ok' ? ((answer.body as RawPods | null)?.items ?? []) : [];
  return pods.some(
    ({ metadata, status }) =>
      metadata?.uid === uid &&
      status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true,
  );
}

interface RawPods {
  readonly items?:
    | readonly {
        readonly metadata?: { readonly uid?: string };
        readonly status?: {
          readonly conditions?: readonly { readonly type?: string; readonly status?: string }[] | null;
        };
      }[]
    | null;
}
