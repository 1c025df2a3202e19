import { stringify } from 'yaml';
import type { Cluster } from './cluster.ts';

const ACCOUNT = 'webhook';
const NAMESPACE = 'tbot-system';

/**
 * A kubeconfig with the rights that the webhook has in production and no others: its own service account may get,
 * list and watch Namespaces.
 */
export async function createWebhookAccount(cluster: Cluster): Promise<string> {
  const rules = [{ apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list', 'watch'] }];
  const subjects = [{ kind: 'ServiceAccount', name: ACCOUNT, namespace: NAMESPACE }];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: ACCOUNT };
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  // A second webhook of the same cluster finds them there.
  await cluster.api('POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE } });
  const accounts = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`;
  await cluster.api('POST', accounts, { metadata: { name: ACCOUNT } });
  await cluster.api('POST', `${rbac}/clusterroles`, { metadata: { name: ACCOUNT }, rules });
  await cluster.api('POST', `${rbac}/clusterrolebindings`, {
    metadata: { name: ACCOUNT },
    subjects,
    roleRef,
  });
  const { status, body } = await cluster.api('POST', `${accounts}/${ACCOUNT}/token`, {
    spec: { expirationSeconds: 7200 },
  });
  if (status !== 201) throw new Error(`no token for the webhook: ${JSON.stringify(body)}`);
  const { token } = (body as { status: { token: string } }).status;
  const ca = Buffer.from(cluster.ca).toString('base64');
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server: cluster.url, 'certificate-authority-data': ca } }],
    users: [{ name: ACCOUNT, user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: ACCOUNT } }],
    'current-context': 'test',
  });
}
