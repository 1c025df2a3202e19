import { join } from 'node:path';
import { change } from '../harness/change.ts';
import type { Cluster } from '../harness/cluster.ts';
import { Installation } from '../harness/installation.ts';
import { freePort } from '../harness/ports.ts';
import { startProgram, type RunningProgram } from '../harness/program.ts';
import { accountKubeconfig, type ServiceAccount } from '../harness/service-account.ts';

/** The tests' own tbot as a process: with the files and the environment of its pod, and a Teleport that knows its account. */
export interface TbotProgram extends RunningProgram {
  readonly url: string;
}

export interface ProgramOptions {
  readonly account: ServiceAccount;
  /** The ConfigMap with tbot.yaml; read once, as a pod mounts it. */
  readonly configMap: string;
  readonly joinToken: string;
  readonly clusterName: string;
}

const POD = 'tbot';
const DISCOVERY = 'system:service-account-issuer-discovery';

/** What a node and Teleport's administrator do beforehand: a pod of the account, and an issuer that every client can read. */
export async function prepareForProgram(
  { api }: Cluster,
  { namespace, name }: ServiceAccount,
): Promise<void> {
  await change(api, 'POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    metadata: { name: 'public-issuer' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: DISCOVERY },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:unauthenticated' }],
  });
  const securityContext = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  };
  await change(api, 'POST', `/api/v1/namespaces/${namespace}/pods`, {
    metadata: { name: POD },
    spec: { serviceAccountName: name, containers: [{ name: 'tbot', image: 'tbot', securityContext }] },
  });
}

/** @param audience of its token; default: the right one */
export async function startTbotProgram(
  cluster: Cluster,
  options: ProgramOptions,
  audience = options.clusterName,
): Promise<TbotProgram> {
  const { account, configMap } = options;
  const { namespace } = account;
  const { body } = await cluster.api('GET', `/api/v1/namespaces/${namespace}/configmaps/${configMap}`);
  const { data } = body as { data: Record<string, string> };
  const port = await freePort();
  const installation = new Installation(cluster, namespace);
  const write = (name: string, text: string): Promise<string> =>
    installation.writeFile(`tbot-${port}-${name}`, text);
  const env = {
    KUBECONFIG: await write('kubeconfig.yaml', await accountKubeconfig(cluster, account)),
    KUBERNETES_TOKEN_PATH: await write('join-sa-token', await projectToken(cluster, account, audience)),
    POD_NAMESPACE: namespace,
    PLAYER_AUTH_SERVICE: await write('teleport.yaml', teleport(cluster, options)),
    PLAYER_ISSUER_CA: await write('issuer.crt', cluster.ca),
    PLAYER_EVERY: '1s',
  };
  const argv = [
    ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
    ...[process.execPath, 'test/tbot/main.ts', 'start'],
    `--config=${await write('tbot.yaml', data['tbot.yaml'] ?? '')}`,
    `--diag-addr=127.0.0.1:${port}`,
  ];
  const program = startProgram('tbot', 'env', argv, join(cluster.folder, `tbot-${port}.log`));
  return { ...program, url: `http://127.0.0.1:${port}` };
}

async function projectToken(
  { api }: Cluster,
  { namespace, name }: ServiceAccount,
  audience: string,
): Promise<string> {
  const pod = await api('GET', `/api/v1/namespaces/${namespace}/pods/${POD}`);
  const { uid } = (pod.body as { metadata: { uid: string } }).metadata;
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const { status, body } = await api('POST', path, {
    spec: {
      audiences: [audience],
      expirationSeconds: 600,
      boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: POD, uid },
    },
  });
  if (status !== 201) throw new Error(`POST ${path}: ${JSON.stringify(body)}`);
  return (body as { status: { token: string } }).status.token;
}

function teleport({ url }: Cluster, { account, joinToken, clusterName }: ProgramOptions): string {
  return `
kind: cluster_name
spec: {cluster_name: ${clusterName}}
---
kind: token
version: v2
metadata: {name: ${joinToken}}
spec:
  roles: [Bot]
  bot_name: shared
  join_method: kubernetes
  kubernetes:
    type: oidc
    oidc: {issuer: "${url}"}
    allow: [{service_account: "${account.namespace}:${account.name}"}]
`;
}
