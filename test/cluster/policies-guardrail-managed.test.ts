import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { startCluster, type Cluster } from './harness/cluster.ts';
import { wideAccount, type Account } from './policies/accounts.ts';
import { apply, attempt, merge, post, remove, type Attempt } from './policies/attempt.ts';
import { goldenValues, installPolicies, OPTED_IN, RELEASE_NAMESPACE } from './policies/install.ts';
import { MANAGED, ofOutput, roleBinding, roleBindings, secret, secrets } from './policies/managed.ts';
import { ensureNamespace } from './policies/namespaces.ts';

const LABELS = ofOutput('payments', 'payments-db');
const OURS = `${secrets('payments')}/tbot-payments-db`;
const OF_EXAMPLE = `${secrets('payments')}/identity-output`;
const OF_PLATFORM = `${secrets('payments')}/tbot-svid`;
const FOREIGN = `${secrets('payments')}/own`;
const BINDING = `${roleBindings('payments')}/tbot-injector-bot-payments`;
const DATA = { data: { identity: btoa('new') } };

const SECRET_CHANGES: readonly Attempt[] = [
  merge('write its data', OURS, DATA),
  merge('take its label away', OURS, { metadata: { labels: { 'app.kubernetes.io/managed-by': null } } }),
  merge('give it to another bot', OURS, { metadata: { labels: { 'tbot-injector.io/bot': 'example' } } }),
  merge('annotate it', OURS, { metadata: { annotations: { 'replicate-to': '*' } } }),
  merge('freeze it', OURS, { immutable: true }),
  merge('read it without the right to', OURS, {}),
  remove('remove it', OURS),
  remove('remove all Secrets', secrets('payments')),
  post('make one like it', secrets('payments'), secret('new', LABELS)),
  post('make one with the label of ours alone', secrets('payments'), secret('new', MANAGED)),
  merge('hand one of its own to us', FOREIGN, { metadata: { labels: MANAGED } }),
];

const BINDING_CHANGES: readonly Attempt[] = [
  merge('add a subject', BINDING, { subjects: [{ kind: 'ServiceAccount', name: 'x', namespace: 'x' }] }),
  merge('take its label away', BINDING, { metadata: { labels: { 'app.kubernetes.io/managed-by': null } } }),
  remove('remove it', BINDING),
  post('make one like it', roleBindings('checkout'), roleBinding('payments')),
];

/** As tbot writes: server-side apply without labels. */
const written = (name: string, more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  type: 'Opaque',
  ...DATA,
  ...more,
});

describe.skipIf(inject('programs').kind === 'missing')('what the controller keeps', () => {
  let cluster: Cluster;
  const accounts: Account[] = [];

  beforeAll(async () => {
    cluster = await startCluster();
    for (const name of ['payments', 'checkout', RELEASE_NAMESPACE])
      await cluster.createNamespace(name, OPTED_IN);
    await ensureNamespace(cluster, 'kube-system', {});
    const objects: [string, object][] = [
      [secrets('payments'), secret('tbot-payments-db', LABELS, { data: { identity: btoa('old') } })],
      [secrets('payments'), secret('identity-output', ofOutput('example', 'identity-output'))],
      [secrets('payments'), secret('tbot-svid', ofOutput('platform', 'svid'))],
      [secrets('payments'), secret('own', {})],
      [roleBindings('payments'), roleBinding('payments')],
    ];
    for (const [path, object] of objects) {
      const { status, body } = await cluster.api('POST', path, object);
      expect(status, JSON.stringify(body)).toBe(201);
    }
    const golden = (await goldenValues()) as { bots: { platform: object } };
    const platform = { ...golden.bots.platform, deployment: { serviceAccount: { name: 'given' } } };
    await installPolicies(cluster, { ...golden, bots: { ...golden.bots, platform } });
  });

  afterAll(async () => {
    for (const { close } of accounts) close();
    await cluster.stop();
  });

  async function as(namespace: string, name: string, rights?: readonly string[]): Promise<Account> {
    const more = rights && [{ resources: rights, verbs: ['override'] }];
    const account = await wideAccount(cluster, namespace, name, more);
    accounts.push(account);
    return account;
  }

  async function refuses({ api }: Account, each: Attempt, policy: string): Promise<void> {
    const { status, body } = await attempt(api, each);
    expect(body).toHaveProperty('message', expect.stringContaining(`'tbot-injector-guardrail-${policy}`));
    expect(status).toBe(403);
    expect(JSON.stringify(body)).not.toContain(btoa('old'));
  }

  async function allows({ api }: Account, each: Attempt): Promise<void> {
    const { status, body } = await attempt(api, each);
    expect([200, 201], JSON.stringify(body)).toContain(status);
  }

  describe('a tenant with every right of Kubernetes', () => {
    let tenant: Account;
    beforeAll(async () => (tenant = await as('payments', 'default')));

    it.each(SECRET_CHANGES)('may not $what', (each) => refuses(tenant, each, 'managed'));
    it.each(BINDING_CHANGES)('may not $what, of a RoleBinding', (each) => refuses(tenant, each, 'managed'));

    it('is told what it takes', async () => {
      const { body } = await attempt(tenant.api, remove('', OURS));
      expect(body).toHaveProperty(
        'message',
        expect.stringContaining(
          'this object has the label app.kubernetes.io/managed-by=tbot-injector and belongs to tbot-injector, ' +
            'whose controller makes, restores and removes it: to change it nevertheless takes the right to "override" ' +
            'managedsecrets.tbot-injector.io',
        ),
      );
    });

    it('may do with its own what it likes', async () => {
      await allows(tenant, merge('', FOREIGN, DATA));
      await allows(tenant, remove('', FOREIGN));
      await allows(
        tenant,
        post('', secrets('payments'), secret('new', { 'app.kubernetes.io/managed-by': 'Helm' })),
      );
      await allows(
        tenant,
        post('', roleBindings('checkout'), roleBinding('payments', { metadata: { labels: {} } })),
      );
    });

    it('may read', async () => {
      expect((await tenant.api('GET', OURS)).status).toBe(200);
    });
  });

  it.each([...SECRET_CHANGES, ...BINDING_CHANGES])('an administrator may $what', async (each) => {
    await allows({ api: cluster.api, close: () => undefined }, each);
  });

  it('the right to override may be given, for Secrets and for RoleBindings', async () => {
    const one = await as('checkout', 'for-secrets', ['managedsecrets']);
    await allows(one, remove('', OURS));
    await refuses(one, remove('', BINDING), 'managed');
    const other = await as('checkout', 'for-role-bindings', ['managedrolebindings']);
    await allows(other, remove('', BINDING));
    await refuses(other, remove('', OURS), 'managed');
  });

  it.each(['generic-garbage-collector', 'namespace-controller', 'storage-version-migrator-controller'])(
    '%s may go on with its work',
    async (name) => {
      const account = await as('kube-system', name);
      await allows(account, remove('', OURS));
      await allows(account, remove('', secrets('payments')));
      await allows(account, remove('', BINDING));
      await allows(account, merge('', OURS, {}));
    },
  );

  it('so may Kubernetes where all of its controllers have one account', async () => {
    const object = ['--namespace', 'payments', 'delete', 'secret', 'tbot-payments-db', '--dry-run=server'];
    const { code, stderr } = await cluster.kubectl([...object, '--as', 'system:kube-controller-manager']);
    expect([code, stderr]).toEqual([0, '']);
    const namespace = ['delete', 'namespace', 'checkout', '--dry-run=server'];
    expect((await cluster.kubectl([...namespace, '--as', 'system:kube-controller-manager'])).code).not.toBe(
      0,
    );
  });

  describe('the tbot of a bot', () => {
    let tbot: Account;
    beforeAll(async () => (tbot = await as(RELEASE_NAMESPACE, 'tbot-injector-bot-payments')));

    it('writes the data of its Secrets', async () => {
      await allows(tbot, apply('', OURS, written('tbot-payments-db')));
      await allows(tbot, merge('', OURS, { data: { identity: null, other: 'eA==' } }));
      expect((await attempt(tbot.api, apply('', OURS, written('tbot-payments-db')), true)).status).toBe(200);
    });

    it.each<Attempt>([
      apply('write those of another bot', OF_EXAMPLE, written('identity-output')),
      apply('write those of a bot whose account values name', OF_PLATFORM, written('tbot-svid')),
      apply("write a tenant's", FOREIGN, written('own')),
      merge("read a tenant's", FOREIGN, {}),
      apply('make one', `${secrets('payments')}/new`, written('new')),
      post('make one with its label', secrets('payments'), secret('new', LABELS)),
      post('make one of its own', secrets(RELEASE_NAMESPACE), secret('state', {})),
      remove('remove one', OURS),
      remove('remove all', secrets('payments')),
      merge('take its label away', OURS, { metadata: { labels: { 'app.kubernetes.io/managed-by': null } } }),
      merge('add a label', OURS, { metadata: { labels: { a: 'b' } } }),
      merge('annotate it', OURS, { metadata: { annotations: { a: 'b' } } }),
      merge('freeze it', OURS, { immutable: true }),
      merge('keep it from removal', OURS, { metadata: { finalizers: ['example.com/x'] } }),
      merge('give it an owner', OURS, {
        metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'x', uid: 'x' }] },
      }),
      merge('steal that of another bot', OF_EXAMPLE, { metadata: { labels: LABELS } }),
      merge("steal a tenant's", FOREIGN, { metadata: { labels: LABELS } }),
    ])('may not $what', (each) => refuses(tbot, each, ''));

    it('may not change its RoleBinding', () => refuses(tbot, remove('', BINDING), 'managed'));
  });

  it('a tbot whose account values name has the same limits', async () => {
    const given = await as(RELEASE_NAMESPACE, 'given');
    await allows(given, apply('', OF_PLATFORM, written('tbot-svid')));
    await refuses(given, apply('', OURS, written('tbot-payments-db')), '');
    await refuses(given, merge('', FOREIGN, DATA), 'tbot-secrets');
    const unused = await as(RELEASE_NAMESPACE, 'tbot-injector-bot-platform');
    await refuses(unused, apply('', OF_PLATFORM, written('tbot-svid')), '');
  });

  it('an account of that name in another namespace has no rights', async () => {
    const other = await as('checkout', 'tbot-injector-bot-payments');
    await refuses(other, apply('', OURS, written('tbot-payments-db')), 'managed');
  });
});
