import type { Api } from '../../cluster/harness/api.ts';
import { eventually } from '../../cluster/harness/eventually.ts';

/** Creates a namespace, and returns when its `default` ServiceAccount is there, without which no pod is admitted. */
export async function createNamespace(
  api: Api,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { status, body } = await api('POST', '/api/v1/namespaces', { metadata: { name, labels } });
  if (status === 409)
    throw new Error(`there is a namespace ${name} already, which a scene makes and deletes`);
  if (status !== 201) throw new Error(`no namespace ${name}: ${status} ${JSON.stringify(body)}`);
  await eventually(`namespace ${name} has its default account`, async () => {
    const found = await api('GET', `/api/v1/namespaces/${name}/serviceaccounts/default`);
    return found.status === 200 || undefined;
  });
}
