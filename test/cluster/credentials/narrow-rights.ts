import { change } from '../harness/change.ts';
import type { Cluster } from '../harness/cluster.ts';

interface Rule {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const CONTROLLER = 'tbot-injector-controller';
const NARROW = 'narrowed';
const SUBJECTS = [{ kind: 'ServiceAccount', name: CONTROLLER, namespace: 'tbot-system' }];
const READING = ['get', 'list', 'watch'];

/**
 * The rights in a cluster where no account may write everywhere: the controller may read as before, and write Secrets
 * and RoleBindings only where `grantWritesIn` says so.
 */
export async function narrowRights({ api }: Cluster): Promise<void> {
  const { body } = await api('GET', `${RBAC}/clusterroles/${CONTROLLER}`);
  const rules = (body as { rules: readonly Rule[] }).rules.map((rule) =>
    rule.resources.some((resource) => ['secrets', 'rolebindings'].includes(resource))
      ? { ...rule, verbs: rule.verbs.filter((verb) => READING.includes(verb)) }
      : rule,
  );
  await change(api, 'POST', `${RBAC}/clusterroles`, { metadata: { name: NARROW }, rules });
  await change(api, 'POST', `${RBAC}/clusterrolebindings`, {
    metadata: { name: NARROW },
    ...binding(NARROW),
  });
  await change(api, 'DELETE', `${RBAC}/clusterrolebindings/${CONTROLLER}`);
}

export async function grantWritesIn({ api }: Cluster, namespace: string): Promise<void> {
  const path = `${RBAC}/namespaces/${namespace}/rolebindings`;
  await change(api, 'POST', path, { metadata: { name: NARROW }, ...binding(CONTROLLER) });
}

/** As the chart has it. */
export async function widenRights({ api }: Cluster): Promise<void> {
  const path = `${RBAC}/clusterrolebindings`;
  await change(api, 'POST', path, { metadata: { name: CONTROLLER }, ...binding(CONTROLLER) });
  await change(api, 'DELETE', `${path}/${NARROW}`);
  await change(api, 'DELETE', `${RBAC}/clusterroles/${NARROW}`);
}

function binding(role: string): object {
  return {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: SUBJECTS,
  };
}
