import { join } from 'node:path';
import { afterAll, beforeAll, describe, inject, it } from 'vitest';
import { expectGolden } from '../chart/golden.ts';
import { type Cluster, startCluster } from './harness/cluster.ts';
import { eventually } from './harness/eventually.ts';
import { CHART, Installation } from './harness/installation.ts';

const OURS = 'tbot-system';
const ACCOUNTS = ['webhook', 'controller', 'bot-payments', 'bot-search'];
const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];

interface Question {
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  /** `''`: every name. */
  readonly names: readonly string[];
  /** `''`: of the cluster, or every namespace. */
  readonly namespaces: readonly string[];
  readonly verbs?: readonly string[];
}

const RBAC = 'rbac.authorization.k8s.io';
const ADMISSION = 'admissionregistration.k8s.io';

/** Requests that an attacker with one of these accounts would try. */
const QUESTIONS: readonly Question[] = [
  {
    group: '',
    resource: 'secrets',
    names: [
      '',
      'tbot-payments-db',
      'tbot-search-app',
      'tbot-injector-ca',
      'tbot-injector-webhook-tls',
      'other',
    ],
    namespaces: ['', OURS, 'payments', 'kube-system'],
  },
  { group: '', resource: 'namespaces', names: ['', 'payments'], namespaces: [''] },
  { group: '', resource: 'pods', names: ['', 'app'], namespaces: ['', 'payments'] },
  { group: '', resource: 'pods', subresource: 'exec', names: [''], namespaces: ['', 'payments', OURS] },
  { group: '', resource: 'pods', subresource: 'eviction', names: [''], namespaces: ['', 'payments'] },
  {
    group: '',
    resource: 'configmaps',
    names: ['', 'tbot-injector-config', 'tbot-injector-status', 'tbot-injector-bot-payments-0'],
    namespaces: ['', OURS, 'payments'],
  },
  { group: '', resource: 'serviceaccounts', names: [''], namespaces: ['', OURS, 'payments'] },
  {
    group: '',
    resource: 'serviceaccounts',
    subresource: 'token',
    names: [''],
    namespaces: ['', OURS, 'payments'],
  },
  { group: 'events.k8s.io', resource: 'events', names: [''], namespaces: ['', 'payments'] },
  {
    group: 'coordination.k8s.io',
    resource: 'leases',
    names: ['', 'tbot-injector-controller'],
    namespaces: ['', OURS],
  },
  {
    group: 'apps',
    resource: 'deployments',
    names: ['', 'tbot-injector-webhook', 'tbot-injector-bot-payments-0'],
    namespaces: ['', OURS, 'payments'],
  },
  { group: 'apps', resource: 'statefulsets', names: [''], namespaces: ['', 'payments'] },
  { group: 'apps', resource: 'daemonsets', names: [''], namespaces: ['', 'payments'] },
  {
    group: RBAC,
    resource: 'rolebindings',
    names: ['', 'tbot-injector-bot-payments', 'other'],
    namespaces: ['', 'payments', 'kube-system'],
  },
  {
    group: RBAC,
    resource: 'clusterroles',
    names: ['', 'tbot-injector-bot-payments', 'tbot-injector-controller', 'cluster-admin'],
    namespaces: [''],
    verbs: [...VERBS, 'bind', 'escalate'],
  },
  { group: RBAC, resource: 'clusterrolebindings', names: [''], namespaces: [''] },
  { group: RBAC, resource: 'roles', names: [''], namespaces: ['', OURS] },
  {
    group: ADMISSION,
    resource: 'mutatingwebhookconfigurations',
    names: ['', 'tbot-injector', 'other'],
    namespaces: [''],
  },
  {
    group: ADMISSION,
    resource: 'validatingwebhookconfigurations',
    names: ['', 'tbot-injector', 'other'],
    namespaces: [''],
  },
  { group: ADMISSION, resource: 'validatingadmissionpolicies', names: [''], namespaces: [''] },
  { group: '', resource: 'users', names: [''], namespaces: [''], verbs: ['impersonate'] },
  { group: '*', resource: '*', names: [''], namespaces: [''], verbs: ['*'] },
];

describe.skipIf(inject('programs').kind === 'missing')("the rights of the chart's accounts", () => {
  let cluster: Cluster;
  let installation: Installation;

  beforeAll(async () => {
    cluster = await startCluster();
    const valueFiles = [join(CHART, 'examples/team-bots.yaml')];
    installation = new Installation(cluster, OURS, { valueFiles });
    await installation.install();
  });

  afterAll(() => cluster.stop());

  it('are these, and no others', async () => {
    const lines = await Promise.all(QUESTIONS.flatMap(expand).map(printAnswer));
    await expectGolden('rights.txt', `${HEADER}${lines.join('')}`);
  });

  it('include these on workloads, if workload restarts are on', async () => {
    await installation.helm('upgrade', '--set', 'controller.workloadRestarts=true');
    const workloads = QUESTIONS.filter(({ group }) => group === 'apps');
    const print = async (): Promise<string> =>
      (await Promise.all(workloads.flatMap(expand).map(printAnswer))).join('');
    await eventually(
      'the API server uses the new rights',
      async () =>
        (await print()).includes('statefulsets | (any name) | (everywhere) | - | list') || undefined,
    );
    await expectGolden('rights-restarts.txt', `${HEADER}${await print()}`);
  });

  interface Asked {
    readonly namespace: string;
    readonly name: string;
    readonly group: string;
    readonly resource: string;
    readonly subresource: string;
    readonly verbs: readonly string[];
  }

  function expand({
    names,
    namespaces,
    subresource = '',
    verbs = VERBS,
    ...rest
  }: Question): readonly Asked[] {
    return names.flatMap((name) =>
      namespaces.map((namespace) => ({ ...rest, name, namespace, subresource, verbs })),
    );
  }

  /** One line: what it is about, and for every account the verbs that it may. */
  async function printAnswer({ verbs, ...about }: Asked): Promise<string> {
    const cells = await Promise.all(
      ACCOUNTS.map(async (account) => {
        const allowed = await Promise.all(verbs.map((verb) => mayDo(account, { ...about, verb })));
        return verbs.filter((_, index) => allowed[index]).join(' ') || '-';
      }),
    );
    const { group, resource, subresource, name, namespace } = about;
    const what = `${group === '' ? '' : `${group}/`}${resource}${subresource === '' ? '' : `/${subresource}`}`;
    return `${what} | ${name || '(any name)'} | ${namespace || '(everywhere)'} | ${cells.join(' | ')}\n`;
  }

  async function mayDo(account: string, resourceAttributes: object): Promise<boolean> {
    const { body } = await cluster.api('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
      spec: {
        user: `system:serviceaccount:${OURS}:tbot-injector-${account}`,
        groups: ['system:serviceaccounts', `system:serviceaccounts:${OURS}`, 'system:authenticated'],
        resourceAttributes,
      },
    });
    return (body as { status: { allowed: boolean } }).status.allowed;
  }
});

const HEADER = `resource | name | namespace | ${ACCOUNTS.join(' | ')}\n`;
