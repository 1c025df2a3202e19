import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { renderChart } from '../../chart/render.ts';
import type { Cluster } from './cluster.ts';

const CONFIGURATION = parse(readFileSync('examples/config.yaml', 'utf8')) as object;

export interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
}

/** The part of the chart that makes one of its accounts, with every right of it and no other. */
export interface ChartAccess {
  readonly template: 'templates/webhook/access.yaml' | 'templates/controller/access.yaml';
  readonly namespace: string;
  readonly fullname: string;
}

/** Applies it; the namespace is there afterwards, and may have been before. */
export async function applyAccess(
  cluster: Cluster,
  { template, namespace, fullname }: ChartAccess,
): Promise<void> {
  await cluster.api('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
  const manifests = await renderChart({
    // The chart's values and the program's configuration agree, and so do rights and wishes.
    values: { ...CONFIGURATION, fullnameOverride: fullname },
    namespace,
    only: [template],
    helm: (args, stdin) => cluster.helm(args, stdin),
  });
  // On the server's side, since several may apply the same at once: the client's apply asks first and then creates.
  const { code, stderr } = await cluster.kubectl(['apply', '--server-side', '--filename', '-'], manifests);
  if (code !== 0) throw new Error(`kubectl apply of ${template}: ${stderr}`);
}

/** A token of the account, good for two hours. */
export async function mintToken(cluster: Cluster, { namespace, name }: ServiceAccount): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const { status, body } = await cluster.api('POST', path, { spec: { expirationSeconds: 7200 } });
  if (status !== 201) throw new Error(`POST ${path}: ${JSON.stringify(body)}`);
  return (body as { status: { token: string } }).status.token;
}

/** A kubeconfig with which a program is this account. */
export async function accountKubeconfig(cluster: Cluster, account: ServiceAccount): Promise<string> {
  const ca = Buffer.from(cluster.ca).toString('base64');
  const name = 'test';
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: cluster.url, 'certificate-authority-data': ca } }],
    users: [{ name, user: { token: await mintToken(cluster, account) } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });
}
