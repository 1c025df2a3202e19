import type { Api } from './api.ts';

/** Creates a namespace and the `default` ServiceAccount without which no pod is admitted. */
export async function createNamespace(
  api: Api,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<void> {
  await create(api, '/api/v1/namespaces', { metadata: { name, labels } });
  await create(api, `/api/v1/namespaces/${name}/serviceaccounts`, { metadata: { name: 'default' } });
}

async function create(api: Api, path: string, object: unknown): Promise<void> {
  const { status, body } = await api('POST', path, object);
  if (status !== 201) throw new Error(`POST ${path}: ${status} ${JSON.stringify(body)}`);
}
