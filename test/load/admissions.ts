import type { Api } from '../cluster/harness/api.ts';

export const OPTED_IN = { 'tbot-injector.io/injection': 'enabled' } as const;
export const ASKS = { 'tbot-injector.io/outputs': 'identity-output' } as const;

/** What became of one pod. */
export interface Admission {
  /** Of the API server; 0: it could not be reached. */
  readonly status: number;
  readonly injected: boolean;
  readonly ms: number;
  /** Of a failure. */
  readonly message: string;
  /** performance.now() at the answer. */
  readonly at: number;
}

export interface PodRequest {
  readonly namespace: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Created for good, not as a dry run. */
  readonly real?: boolean;
}

/** Never rejects. */
export async function createPod(
  api: Api,
  { namespace, annotations = {}, real = false }: PodRequest,
): Promise<Admission> {
  const path = `/api/v1/namespaces/${namespace}/pods${real ? '' : '?dryRun=All'}`;
  const began = performance.now();
  const { status, body } = await api('POST', path, {
    metadata: { generateName: 'app-', annotations },
    spec: {
      securityContext: { fsGroup: 1000 },
      containers: [{ name: 'app', image: 'registry.example/app:1' }],
    },
  }).catch((error: unknown) => ({ status: 0, body: { message: String(error) } }));
  const at = performance.now();
  const { metadata, message = '' } = body as {
    metadata?: { annotations?: Readonly<Record<string, string>> };
    message?: string;
  };
  const injected = metadata?.annotations?.['tbot-injector.io/injected'] !== undefined;
  return { status, injected, ms: at - began, message: status === 201 ? '' : message, at };
}

/** Created, and with identity. */
export function isFine({ status, injected }: Admission): boolean {
  return status === 201 && injected;
}
