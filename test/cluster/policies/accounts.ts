import { connect, type Api } from '../harness/api.ts';
import type { Cluster } from '../harness/cluster.ts';

/** A caller with its own connections; `close` ends them. */
export interface Account {
  readonly api: Api;
  readonly close: () => void;
}

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const WIDE = 'wide';
const GROUPS = ['', 'apps', 'batch', 'policy', 'rbac.authorization.k8s.io', 'admissionregistration.k8s.io'];

/**
 * A service account with every right of Kubernetes, so that nothing but a policy refuses it. It has no rights of
 * `tbot-injector.io`, unless they are given.
 */
export async function wideAccount(
  cluster: Cluster,
  namespace: string,
  name: string,
  more: readonly { readonly resources: readonly string[]; readonly verbs: readonly string[] }[] = [],
): Promise<Account> {
  const role = `${WIDE}-${namespace}-${name}`;
  const rules = [
    { apiGroups: GROUPS, resources: ['*'], verbs: ['*'] },
    ...more.map((rule) => ({ apiGroups: ['tbot-injector.io'], ...rule })),
  ];
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  await cluster.api('POST', accounts, { metadata: { name } });
  await created(cluster, `${RBAC}/clusterroles`, { metadata: { name: role }, rules });
  await created(cluster, `${RBAC}/clusterrolebindings`, {
    metadata: { name: role },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
  });
  const minted = await created(cluster, `${accounts}/${name}/token`, { spec: { expirationSeconds: 7200 } });
  const { token } = (minted as { status: { token: string } }).status;
  return connect(cluster.url, cluster.ca, { token });
}

async function created(cluster: Cluster, path: string, object: object): Promise<unknown> {
  const { status, body } = await cluster.api('POST', path, object);
  if (status !== 201) throw new Error(`POST ${path}: ${JSON.stringify(body)}`);
  return body;
}
