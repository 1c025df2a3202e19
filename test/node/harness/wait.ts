import type { Api } from '../../cluster/harness/api.ts';
import { eventually } from '../../cluster/harness/eventually.ts';

export interface Pod {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly status: {
    readonly phase: string;
    readonly containerStatuses?: readonly {
      readonly state: { readonly terminated?: { readonly startedAt: string } };
    }[];
  };
}

interface Deployment {
  readonly spec: { readonly replicas: number };
  readonly status: { readonly availableReplicas?: number };
}

async function readPod(api: Api, namespace: string, name: string): Promise<Pod> {
  return (await api('GET', `/api/v1/namespaces/${namespace}/pods/${name}`)).body as Pod;
}

/** Waits until a pod is `Running`, `Succeeded` or `Failed`, and returns it. */
export async function untilPod(
  api: Api,
  namespace: string,
  name: string,
  phase: string,
  seconds = 60,
): Promise<Pod> {
  const isSo = async (): Promise<Pod | undefined> => {
    const pod = await readPod(api, namespace, name);
    return pod.status.phase === phase ? pod : undefined;
  };
  return eventually(`pod ${name} is ${phase}`, isSo, { seconds, everyMs: 100 });
}

/** Waits until all pods of a Deployment are available. */
export async function untilAvailable(api: Api, namespace: string, name: string): Promise<void> {
  const isSo = async (): Promise<true | undefined> => {
    const { body } = await api('GET', `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`);
    const { spec, status } = body as Deployment;
    return status.availableReplicas === spec.replicas || undefined;
  };
  // A kubelet asks for a Secret that is not complete after 0.5 s, then after 1 s, 2 s, and so on up to 2 minutes.
  await eventually(`${name} is available`, isSo, { seconds: 110, everyMs: 200 });
}
