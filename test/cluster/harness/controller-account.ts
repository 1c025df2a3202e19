import { stringify } from 'yaml';
import { namesOfRelease } from '../../../src/controller/names.ts';
import type { Cluster } from './cluster.ts';

/** What a controller is told of the release that it belongs to. */
export interface Release {
  readonly namespace: string;
  readonly fullname: string;
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/**
 * Every right that keeping certificates needs, and no other. All of them name their objects: Secrets and Lease are
 * created by server-side apply, which `resourceNames` limits, unlike a POST; and a watch of one name may be, too.
 */
function controllerRights(fullname: string): {
  readonly inNamespace: readonly Rule[];
  readonly inCluster: readonly Rule[];
} {
  const { caSecret, servingSecret, lease, webhookConfiguration } = namesOfRelease(fullname);
  return {
    inNamespace: [
      {
        apiGroups: [''],
        resources: ['secrets'],
        resourceNames: [caSecret, servingSecret],
        verbs: ['get', 'list', 'watch', 'create', 'patch'],
      },
      {
        apiGroups: ['coordination.k8s.io'],
        resources: ['leases'],
        resourceNames: [lease],
        verbs: ['get', 'create', 'patch'],
      },
    ],
    inCluster: [
      {
        apiGroups: ['admissionregistration.k8s.io'],
        resources: ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'],
        resourceNames: [webhookConfiguration],
        verbs: ['get', 'list', 'watch', 'patch'],
      },
    ],
  };
}

/** A kubeconfig of a service account with those rights; the namespace is there afterwards. */
export async function createControllerAccount(cluster: Cluster, release: Release): Promise<string> {
  const { namespace, fullname } = release;
  const name = `${fullname}-controller`;
  const { inNamespace, inCluster } = controllerRights(fullname);
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const inRbac = `${rbac}/namespaces/${namespace}`;
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  const metadata = { name };
  const roleRef = (kind: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind, name });
  const create = async (path: string, object: object): Promise<unknown> => {
    const { status, body } = await cluster.api('POST', path, object);
    // The namespace may be that of another release.
    if (status === 201 || status === 409) return body;
    throw new Error(`POST ${path}: ${JSON.stringify(body)}`);
  };
  await create('/api/v1/namespaces', { metadata: { name: namespace } });
  await create(accounts, { metadata });
  await create(`${inRbac}/roles`, { metadata, rules: inNamespace });
  await create(`${inRbac}/rolebindings`, { metadata, subjects, roleRef: roleRef('Role') });
  await create(`${rbac}/clusterroles`, { metadata, rules: inCluster });
  await create(`${rbac}/clusterrolebindings`, { metadata, subjects, roleRef: roleRef('ClusterRole') });
  const minted = await create(`${accounts}/${name}/token`, { spec: { expirationSeconds: 7200 } });
  const { token } = (minted as { status: { token: string } }).status;
  return printTokenKubeconfig(cluster, token);
}

function printTokenKubeconfig(cluster: Cluster, token: string): string {
  const name = 'test';
  const ca = Buffer.from(cluster.ca).toString('base64');
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: cluster.url, 'certificate-authority-data': ca } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });
}
