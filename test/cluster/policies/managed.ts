/** The objects that the controller keeps in consumer namespaces, as docs and chart name them. */
export const MANAGED = { 'app.kubernetes.io/managed-by': 'tbot-injector' };

export const ofOutput = (bot: string, output: string) => ({
  ...MANAGED,
  'tbot-injector.io/bot': bot,
  'tbot-injector.io/output': output,
});

export const secrets = (namespace: string) => `/api/v1/namespaces/${namespace}/secrets`;

export const secret = (name: string, labels: object, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, labels },
  ...more,
});

const RBAC = 'rbac.authorization.k8s.io';
export const roleBindings = (namespace: string) => `/apis/${RBAC}/v1/namespaces/${namespace}/rolebindings`;

export const roleBinding = (
  bot: string,
  more: { metadata?: object; roleRef?: object; subjects?: object[] } = {},
) => ({
  apiVersion: `${RBAC}/v1`,
  kind: 'RoleBinding',
  metadata: {
    name: `tbot-injector-bot-${bot}`,
    labels: { ...MANAGED, 'tbot-injector.io/bot': bot },
    ...more.metadata,
  },
  roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: `tbot-injector-bot-${bot}`, ...more.roleRef },
  subjects: more.subjects ?? [
    { kind: 'ServiceAccount', name: `tbot-injector-bot-${bot}`, namespace: 'tbot-system' },
  ],
});
