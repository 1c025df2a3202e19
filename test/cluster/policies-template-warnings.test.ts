import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { startCluster, type Cluster } from './harness/cluster.ts';
import { startClusterWebhook, type ClusterWebhook } from './harness/webhook.ts';
import { installWebhookEntries } from './harness/webhook-entries.ts';
import { goldenValues, installPolicies, OPTED_IN, RELEASE_NAMESPACE } from './policies/install.ts';
import { ensureNamespace } from './policies/namespaces.ts';

const ASKS = { 'tbot-injector.io/outputs': 'identity-output' };
const OWN = { 'prometheus.io/scrape': 'true' };
const RECORD = { 'tbot-injector.io/injected': '{}' };

interface Annotations {
  readonly own?: object;
  readonly template?: object;
}

const selector = { matchLabels: { app: 'app' } };
const collections = {
  Deployment: ['apis/apps/v1', 'deployments', (template: object) => ({ selector, template })],
  StatefulSet: ['apis/apps/v1', 'statefulsets', (template: object) => ({ selector, template })],
  DaemonSet: ['apis/apps/v1', 'daemonsets', (template: object) => ({ selector, template })],
  Job: ['apis/batch/v1', 'jobs', (template: object) => ({ template })],
  CronJob: [
    'apis/batch/v1',
    'cronjobs',
    (template: object) => ({ schedule: '@daily', jobTemplate: { spec: { template } } }),
  ],
} as const;
type Kind = keyof typeof collections;
const kinds = Object.keys(collections) as Kind[];

function workload(kind: Kind, { own, template }: Annotations): object {
  const isJob = kind === 'Job' || kind === 'CronJob';
  const pods = {
    metadata: { labels: { app: 'app' }, annotations: template },
    spec: {
      containers: [{ name: 'app', image: 'registry.example/app:1' }],
      ...(isJob ? { restartPolicy: 'Never' } : {}),
    },
  };
  return { metadata: { name: 'app', annotations: own }, spec: collections[kind][2](pods) };
}

const said = (text: string): string =>
  `Validation failed for ValidatingAdmissionPolicy 'tbot-injector-template-warnings' with binding 'tbot-injector-template-warnings': ${text}`;
const misplaced = (kind: Kind): string => {
  const path = kind === 'CronJob' ? 'spec.jobTemplate.spec.template' : 'spec.template';
  return `tbot-injector.io/outputs on the ${kind} itself has no effect: move it to ${path}.metadata.annotations`;
};
const unlabelled = (namespace: string, who: string): string =>
  `namespace ${namespace} has no label tbot-injector.io/injection=enabled: ${who} no credentials from tbot-injector`;

describe.skipIf(inject('programs').kind === 'missing')('the template warnings', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster();
    await cluster.createNamespace('default-labels');
    await cluster.createNamespace('paused', { 'tbot-injector.io/injection': 'disabled' });
    await cluster.createNamespace('payments', OPTED_IN);
    await cluster.createNamespace(RELEASE_NAMESPACE, OPTED_IN);
    await ensureNamespace(cluster, 'kube-system', OPTED_IN);
    await installPolicies(cluster, await goldenValues());
  });

  afterAll(() => cluster.stop());

  async function warnings(
    namespace: string,
    kind: Kind,
    annotations: Annotations,
  ): Promise<readonly string[]> {
    const [group, collection] = collections[kind];
    const path = `/${group}/namespaces/${namespace}/${collection}?dryRun=All`;
    const answer = await cluster.api('POST', path, workload(kind, annotations));
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return answer.warnings;
  }

  async function podWarnings(namespace: string, metadata: object): Promise<readonly string[]> {
    const pod = {
      metadata: { name: 'app', ...metadata },
      spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }] },
    };
    const answer = await cluster.api('POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All`, pod);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return answer.warnings;
  }

  describe.each(kinds)('to the author of a %s', (kind) => {
    it('tells that the namespace has no label', async () => {
      expect(await warnings('default-labels', kind, { template: ASKS })).toEqual([
        said(unlabelled('default-labels', `pods of this ${kind} get`)),
      ]);
    });

    it('tells that the annotation stands in the wrong place, and what else is in the way', async () => {
      expect(await warnings('paused', kind, { own: ASKS })).toEqual([
        said(misplaced(kind)),
        said(unlabelled('paused', `pods of this ${kind} get`)),
      ]);
    });

    it.each<[string, Annotations]>([
      ['nothing', {}],
      ['other things', { own: OWN, template: OWN }],
      ['nothing, and shows what was injected once', { own: RECORD, template: RECORD }],
    ])('has no word for one that asks for %s', async (_, annotations) => {
      expect(await warnings('default-labels', kind, annotations)).toEqual([]);
    });

    it('leaves the wrong place to the webhook where the namespace has opted in', async () => {
      expect(await warnings('payments', kind, { own: ASKS })).toEqual([]);
      expect(await warnings('payments', kind, { template: ASKS })).toEqual([]);
    });
  });

  describe('of restarts', () => {
    const EVERY = { 'tbot-injector.io/restart-every': '20h' };
    const elsewhere = said(
      'tbot-injector.io/restart-every has no effect here, it belongs in the metadata of a Deployment, StatefulSet or DaemonSet itself',
    );

    it.each(kinds)('tells the author of a %s where the annotation belongs', async (kind) => {
      const isRestarted = !['Job', 'CronJob'].includes(kind);
      const who = said(unlabelled('paused', `pods of this ${kind} get`));
      expect(await warnings('paused', kind, { own: EVERY })).toEqual(isRestarted ? [who] : [elsewhere, who]);
      expect(await warnings('paused', kind, { template: EVERY })).toEqual([elsewhere, who]);
      expect(await warnings('payments', kind, { own: EVERY, template: EVERY })).toEqual([]);
    });
  });

  it.each(['kube-system', RELEASE_NAMESPACE])(
    'tells that the label does nothing in %s',
    async (namespace) => {
      expect(await warnings(namespace, 'Deployment', { template: ASKS })).toEqual([
        said(
          `namespace ${namespace} is never injected: pods of this Deployment get no credentials from tbot-injector`,
        ),
      ]);
    },
  );

  it('comes with a change, too', async () => {
    await cluster.api('POST', '/apis/apps/v1/namespaces/paused/deployments', workload('Deployment', {}));
    const path = '/apis/apps/v1/namespaces/paused/deployments/app';
    const patch = { spec: { template: { metadata: { annotations: ASKS } } } };
    const { warnings: told } = await cluster.api('PATCH', path, patch, 'application/merge-patch+json');
    expect(told).toEqual([said(unlabelled('paused', 'pods of this Deployment get'))]);
    await cluster.api('DELETE', path);
  });

  it('is shown by kubectl', async () => {
    const object = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      ...workload('Deployment', { template: ASKS }),
    };
    const { code, stderr } = await cluster.kubectl(
      ['create', '--namespace', 'default-labels', '--filename', '-'],
      JSON.stringify(object),
    );
    expect([code, stderr]).toEqual([
      0,
      `Warning: ${said(unlabelled('default-labels', 'pods of this Deployment get'))}\n`,
    ]);
  });

  it('tells the author of a pod', async () => {
    expect(await podWarnings('paused', { annotations: ASKS })).toEqual([
      said(unlabelled('paused', 'this pod gets')),
    ]);
    expect(await podWarnings('paused', { annotations: OWN })).toEqual([]);
  });

  it('does not tell controllers, whose author has heard of it already', async () => {
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'app', uid: 'x', controller: true };
    expect(await podWarnings('paused', { annotations: ASKS, ownerReferences: [owner] })).toEqual([]);
  });

  describe('where the webhook has its own', () => {
    let webhook: ClusterWebhook;

    beforeAll(async () => {
      webhook = await startClusterWebhook(cluster, 'test/golden/config.yaml');
      await installWebhookEntries(cluster, webhook);
    });

    afterAll(() => webhook.end('SIGKILL'));

    it.each(kinds)('is heard once by the author of a %s', async (kind) => {
      expect(await warnings('payments', kind, { own: ASKS })).toEqual([misplaced(kind)]);
      expect(await warnings('paused', kind, { own: ASKS })).toHaveLength(2);
    });
  });

  describe('where the webhook has none', () => {
    beforeAll(async () => {
      const values = { ...(await goldenValues()), webhook: { check: { enabled: false } } };
      await installPolicies(cluster, values);
      const { code } = await cluster.kubectl(['delete', 'validatingwebhookconfiguration', 'tbot-injector']);
      expect(code).toBe(0);
    });

    it.each(kinds)('speaks in its place to the author of a %s', async (kind) => {
      await expect.poll(() => warnings('payments', kind, { own: ASKS })).toEqual([said(misplaced(kind))]);
    });
  });
});
