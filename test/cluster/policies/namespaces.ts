import type { Cluster } from '../harness/cluster.ts';
import { eventually } from '../harness/eventually.ts';

const BUILT_IN = ['default', 'kube-system'];

/** A namespace with these labels, and the accounts of the goldens; default and kube-system the API server makes itself. */
export async function ensureNamespace(
  cluster: Cluster,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  const path = `/api/v1/namespaces/${name}`;
  if (!BUILT_IN.includes(name)) await cluster.createNamespace(name, labels);
  else {
    const patch = { metadata: { labels } };
    await eventually(`namespace ${name} is there`, async () => {
      const { status } = await cluster.api('PATCH', path, patch, 'application/merge-patch+json');
      return status === 200 || undefined;
    });
    await cluster.api('POST', `${path}/serviceaccounts`, { metadata: { name: 'default' } });
  }
  await cluster.api('POST', `${path}/serviceaccounts`, { metadata: { name: 'tbot' } });
}
