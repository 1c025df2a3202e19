import { apply, merge, patch, post, remove, type Attempt } from './attempt.ts';
import { DEPLOYMENT, DEPLOYMENTS, ENTRY, FOREIGN, HOOKS, tbotDeployment } from './controller-scene.ts';
import { RELEASE_NAMESPACE } from './install.ts';
import { ofOutput, roleBinding, roleBindings, secret, secrets } from './managed.ts';

export const NAME = 'tbot-payments-db';
export const LABELS = ofOutput('payments', 'payments-db');
const MANAGED = `${secrets('payments')}/${NAME}`;
const BINDING = `${roleBindings('payments')}/tbot-injector-bot-payments`;
const TOKEN = {
  type: 'kubernetes.io/service-account-token',
  metadata: { annotations: { 'kubernetes.io/service-account.name': 'default' } },
};

const RESTART = {
  'tbot-injector.io/restarted-at': '2026-11-21T12:00:00.000Z',
  'tbot-injector.io/config-hash': '0123456789abcdef',
};

export const HONEST: readonly Attempt[] = [
  apply('make an empty Secret', `${secrets('checkout')}/${NAME}`, secret(NAME, LABELS)),
  apply('write its labels again', MANAGED, secret(NAME, { ...LABELS, more: 'x' })),
  merge('call its output otherwise', MANAGED, { metadata: { labels: { 'tbot-injector.io/output': 'db' } } }),
  merge('note when it is done with', MANAGED, {
    metadata: { annotations: { 'tbot-injector.io/orphaned-at': 'now' } },
  }),
  remove('remove its Secret', MANAGED),
  remove('remove its Secret where the label is gone', `${secrets('left')}/${NAME}`),
  apply(
    'make the Secret of its CA',
    `${secrets(RELEASE_NAMESPACE)}/tbot-injector-ca`,
    secret('tbot-injector-ca', {}),
  ),
  post(
    'make the Secret of its serving certificate',
    secrets(RELEASE_NAMESPACE),
    secret('tbot-injector-webhook-tls', {}, { data: { 'tls.crt': 'eA==' } }),
  ),
  apply('bind a bot', `${roleBindings('checkout')}/tbot-injector-bot-payments`, roleBinding('payments')),
  apply(
    'bind a bot whose account values name',
    `${roleBindings('checkout')}/tbot-injector-bot-platform`,
    roleBinding('platform', {
      subjects: [{ kind: 'ServiceAccount', name: 'given', namespace: RELEASE_NAMESPACE }],
    }),
  ),
  apply('bind a bot again', BINDING, roleBinding('payments')),
  remove('remove its RoleBinding', BINDING),
  ...HOOKS.map((path) =>
    patch(`publish caBundle in ${path}`, path, [
      { op: 'test', path: '/webhooks/0/name', value: ENTRY[path] },
      { op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: btoa('x') },
    ]),
  ),
  merge('restart tbot', DEPLOYMENT, {
    spec: { template: { metadata: { annotations: RESTART } } },
  }),
];

export const SECRETS: readonly Attempt[] = [
  post('make a Secret in a namespace that has not opted in', secrets('left'), secret(NAME, LABELS)),
  post('make a Secret in kube-system', secrets('kube-system'), secret(NAME, LABELS)),
  post('make one beside its own', secrets(RELEASE_NAMESPACE), secret(NAME, LABELS)),
  post('make one by the name of its own elsewhere', secrets('payments'), secret('tbot-injector-ca', {})),
  post('mint a token', secrets('payments'), {
    ...secret('x', LABELS),
    ...TOKEN,
    metadata: { name: 'x', labels: LABELS, ...TOKEN.metadata },
  }),
  post('mint a token in the place of its own', secrets(RELEASE_NAMESPACE), {
    ...TOKEN,
    metadata: { name: 'tbot-injector-ca', ...TOKEN.metadata },
  }),
  post('make one of another type', secrets('payments'), secret('x', LABELS, { type: 'example.com/x' })),
  post('make one with data', secrets('payments'), secret('x', LABELS, { data: { a: 'eA==' } })),
  post('make one with stringData', secrets('payments'), secret('x', LABELS, { stringData: { a: 'x' } })),
  post('make one that tbot cannot fill', secrets('payments'), secret('x', LABELS, { immutable: true })),
  post('make one with a finalizer', secrets('payments'), {
    metadata: { name: 'x', labels: LABELS, finalizers: ['example.com/x'] },
  }),
  post('make one that would be collected', secrets('payments'), {
    metadata: {
      name: 'x',
      labels: LABELS,
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'x', uid: 'x' }],
    },
  }),
  ...Object.keys(LABELS).map((key) =>
    post(`make one without ${key}`, secrets('payments'), secret('x', { ...LABELS, [key]: undefined })),
  ),
  apply("take over a tenant's Secret", FOREIGN, secret('own', LABELS)),
  merge("read a tenant's Secret", FOREIGN, {}),
  merge("label a tenant's Secret", FOREIGN, { metadata: { labels: LABELS } }),
  remove("read a tenant's Secret by removing it", FOREIGN),
  remove('remove all Secrets', secrets('payments')),
  merge('write data', MANAGED, { data: { identity: 'eA==' } }),
  merge('remove data', MANAGED, { data: null }),
  merge('freeze it', MANAGED, { immutable: true }),
  merge('keep it from removal', MANAGED, { metadata: { finalizers: ['example.com/x'] } }),
  merge('give it to another bot', MANAGED, { metadata: { labels: { 'tbot-injector.io/bot': 'example' } } }),
  ...Object.keys(LABELS).map((key) =>
    merge(`take ${key} away`, MANAGED, { metadata: { labels: { [key]: null } } }),
  ),
];

const account = (name: string, namespace = RELEASE_NAMESPACE) => ({
  kind: 'ServiceAccount',
  name,
  namespace,
});
const BOT = 'tbot-injector-bot-payments';

export const BINDINGS: readonly Attempt[] = [
  ...['left', 'kube-system', RELEASE_NAMESPACE].map((namespace) =>
    post(`bind in ${namespace}`, roleBindings(namespace), roleBinding('payments')),
  ),
  post(
    'bind another role',
    roleBindings('checkout'),
    roleBinding('payments', { roleRef: { name: 'cluster-admin' } }),
  ),
  post(
    "bind another bot's role",
    roleBindings('checkout'),
    roleBinding('payments', { roleRef: { name: 'tbot-injector-bot-example' } }),
  ),
  post(
    'bind a Role of the namespace',
    roleBindings('checkout'),
    roleBinding('payments', { roleRef: { kind: 'Role' } }),
  ),
  ...Object.entries({
    'no account': [],
    itself: [account('tbot-injector-controller')],
    'another bot': [account('tbot-injector-bot-example')],
    'an account of the namespace': [account(BOT, 'checkout')],
    'a user of that name': [{ kind: 'User', name: BOT, apiGroup: 'rbac.authorization.k8s.io' }],
    'another account as well': [account(BOT), account('default', 'checkout')],
  }).map(([who, subjects]) =>
    post(`bind ${who}`, roleBindings('checkout'), roleBinding('payments', { subjects })),
  ),
  post(
    'bind by another name',
    roleBindings('checkout'),
    roleBinding('payments', { metadata: { name: 'x' } }),
  ),
  post(
    'bind without labels',
    roleBindings('checkout'),
    roleBinding('payments', { metadata: { labels: {} } }),
  ),
  merge('add a subject', BINDING, { subjects: [account(BOT), account('default', 'payments')] }),
  merge('take its label away', BINDING, { metadata: { labels: { 'app.kubernetes.io/managed-by': null } } }),
  apply(
    "take over a tenant's RoleBinding",
    `${roleBindings('payments')}/tbot-injector-bot-example`,
    roleBinding('example'),
  ),
  remove("remove a tenant's RoleBinding", `${roleBindings('payments')}/tbot-injector-bot-example`),
];

const [MUTATING, VALIDATING] = HOOKS;
export const WEBHOOKS: readonly Attempt[] = [
  ...HOOKS.flatMap((path) => [
    patch(`send reviews elsewhere, ${path}`, path, [
      { op: 'replace', path: '/webhooks/0/clientConfig/url', value: 'https://evil.example' },
    ]),
    patch(`intercept more, ${path}`, path, [
      { op: 'replace', path: '/webhooks/0/rules/0/resources', value: ['*'] },
    ]),
    patch(`select more, ${path}`, path, [
      { op: 'add', path: '/webhooks/0/namespaceSelector', value: { matchLabels: { a: 'b' } } },
    ]),
    patch(`stop every pod, ${path}`, path, [
      { op: 'replace', path: '/webhooks/0/failurePolicy', value: 'Fail' },
    ]),
    patch(`wait longer, ${path}`, path, [{ op: 'add', path: '/webhooks/0/timeoutSeconds', value: 30 }]),
    patch(`add a condition, ${path}`, path, [
      { op: 'add', path: '/webhooks/0/matchConditions', value: [{ name: 'x', expression: 'true' }] },
    ]),
    patch(`add an entry, ${path}`, path, [
      { op: 'copy', from: '/webhooks/0', path: '/webhooks/-' },
      { op: 'replace', path: '/webhooks/0/name', value: 'more.tbot-injector.io' },
    ]),
    patch(`remove an entry, ${path}`, path, [{ op: 'remove', path: '/webhooks/0' }]),
    patch(`change its labels, ${path}`, path, [{ op: 'remove', path: '/metadata/labels' }]),
    patch(`change its annotations, ${path}`, path, [
      { op: 'add', path: '/metadata/annotations', value: { a: 'b' } },
    ]),
    remove(`remove ${path}`, path),
  ]),
  patch('reorder the entries', MUTATING, [{ op: 'move', from: '/webhooks/0', path: '/webhooks/1' }]),
  patch('call again', MUTATING, [
    { op: 'replace', path: '/webhooks/0/reinvocationPolicy', value: 'IfNeeded' },
  ]),
  patch("write another one's caBundle", `${VALIDATING.slice(0, VALIDATING.lastIndexOf('/'))}/other`, [
    { op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: btoa('x') },
  ]),
  post('make a configuration', MUTATING.slice(0, MUTATING.lastIndexOf('/')), { metadata: { name: 'new' } }),
];

const template = (more: object): object => ({ spec: { template: more } });
const restart = (changes: object): object =>
  template({ metadata: { annotations: { ...RESTART, ...changes } } });
export const OTHERS: readonly Attempt[] = [
  merge(
    'exchange the image',
    DEPLOYMENT,
    template({ spec: { containers: [{ name: 'tbot', image: 'evil' }] } }),
  ),
  merge(
    'exchange the account',
    DEPLOYMENT,
    template({ spec: { serviceAccountName: 'tbot-injector-controller' } }),
  ),
  merge('hide something in the time', DEPLOYMENT, restart({ 'tbot-injector.io/restarted-at': 'x' })),
  merge('hide something in the hash', DEPLOYMENT, restart({ 'tbot-injector.io/config-hash': 'x' })),
  merge('restart without a time', DEPLOYMENT, restart({ 'tbot-injector.io/restarted-at': null })),
  merge('forget who manages what of tbot', DEPLOYMENT, { metadata: { managedFields: [{}] }, ...restart({}) }),
  merge('annotate the pods', DEPLOYMENT, template({ metadata: { annotations: { a: 'b' } } })),
  merge(
    'take an annotation of the pods away',
    DEPLOYMENT,
    template({ metadata: { annotations: { kept: null } } }),
  ),
  merge('label the pods', DEPLOYMENT, template({ metadata: { labels: { a: 'b' } } })),
  merge('scale', DEPLOYMENT, { spec: { replicas: 2 } }),
  merge('scale by the subresource', `${DEPLOYMENT}/scale`, { spec: { replicas: 2 } }),
  merge('pause', DEPLOYMENT, { spec: { paused: true } }),
  merge('annotate', DEPLOYMENT, { metadata: { annotations: { a: 'b' } } }),
  merge('label', DEPLOYMENT, { metadata: { labels: { a: 'b' } } }),
  merge('write its status', `${DEPLOYMENT}/status`, { status: { replicas: 7 } }),
  merge('restart the webhook', `${DEPLOYMENTS}/tbot-injector-webhook`, restart({})),
  remove('remove a Deployment', DEPLOYMENT),
  post('make a Deployment', DEPLOYMENTS, tbotDeployment('tbot-injector-bot-payments-1')),
  post('evict a pod', '/api/v1/namespaces/payments/pods/app/eviction', { metadata: { name: 'app' } }),
];
