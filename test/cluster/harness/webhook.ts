import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { startWebhookProcess, type WebhookProcess } from '../../webhook-process.ts';
import type { Cluster } from './cluster.ts';
import { createAuthority, createLeaf } from './credentials.ts';
import { eventually } from './eventually.ts';

export interface ClusterWebhook extends WebhookProcess {
  /** PEM of the CA that signed its serving certificate. */
  readonly caBundle: string;
  /** Reviews it has answered since its start. */
  reviews(): Promise<number>;
}

const ACCOUNT = 'webhook';
const NAMESPACE = 'tbot-system';

/**
 * The webhook against this cluster, with the rights it has in production and no others: its own service
 * account may get, list and watch Namespaces. Returns when it is ready.
 */
export async function startClusterWebhook(
  cluster: Cluster,
  config: string,
  ...flags: string[]
): Promise<ClusterWebhook> {
  const authority = await createAuthority('webhook-ca');
  const { certificate, key } = await createLeaf(authority, {
    commonName: 'webhook',
    addresses: ['127.0.0.1'],
  });
  const tls = join(cluster.folder, 'webhook-tls');
  await mkdir(tls, { recursive: true });
  await writeFile(join(tls, 'tls.crt'), certificate);
  await writeFile(join(tls, 'tls.key'), key, { mode: 0o600 });
  const kubeconfig = join(cluster.folder, 'webhook-kubeconfig.yaml');
  await writeFile(kubeconfig, await webhookKubeconfig(cluster), { mode: 0o600 });
  const process = await startWebhookProcess(
    '--config',
    config,
    '--kubeconfig',
    kubeconfig,
    '--tls-dir',
    tls,
    ...flags,
  );
  await eventually('the webhook is ready', async () => {
    return (await fetch(`${process.healthUrl}/readyz`)).ok ? true : undefined;
  });
  const reviews = async (): Promise<number> => {
    const counts = (await process.metrics()).matchAll(/^tbot_injector_admissions_total\{.*\} (\d+)$/gm);
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  };
  return { ...process, caBundle: authority.certificate, reviews };
}

async function webhookKubeconfig(cluster: Cluster): Promise<string> {
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
    spec: { expirationSeconds: 3600 },
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
