import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';

import { type ApiResponse } from './harness/api.ts';
import { type Cluster, startCluster } from './harness/cluster.ts';
import { eventually } from './harness/eventually.ts';
import { type Recorder, startRecorder } from './harness/recorder.ts';
import { installWebhookEntries, removeWebhookEntries } from './harness/webhook-entries.ts';

const asks = { 'tbot-injector.io/outputs': 'payments-db' };
const containers = [{ name: 'app', image: 'registry.example/app:1' }];

function pod(annotations: object | null | undefined, spec: object = {}): object {
  return { metadata: { name: 'app', annotations }, spec: { containers, ...spec } };
}

function template(annotations: object, spec: object = {}): object {
  return { metadata: { labels: { app: 'app' }, annotations }, spec: { containers, ...spec } };
}

const workloads = {
  Deployment: ['apps', (pods: object) => ({ selector: { matchLabels: { app: 'app' } }, template: pods })],
  StatefulSet: ['apps', (pods: object) => ({ selector: { matchLabels: { app: 'app' } }, template: pods })],
  DaemonSet: ['apps', (pods: object) => ({ selector: { matchLabels: { app: 'app' } }, template: pods })],
  Job: ['batch', (pods: object) => ({ template: pods })],
  CronJob: ['batch', (pods: object) => ({ schedule: '@daily', jobTemplate: { spec: { template: pods } } })],
} as const;

describe.skipIf(inject('programs').kind === 'missing')(
  'the webhook entries of the chart, in a cluster',
  () => {
    let cluster: Cluster;
    let recorder: Recorder;

    beforeAll(async () => {
      [cluster, recorder] = await Promise.all([startCluster(), startRecorder()]);
      const optedIn = { 'tbot-injector.io/injection': 'enabled' };
      await cluster.createNamespace('opted-in', optedIn);
      await cluster.createNamespace('bystander');
      await cluster.createNamespace('tbot-system', optedIn);
      await optInKubeSystem(optedIn);
      await installWebhookEntries(cluster, recorder);
    });

    beforeEach(() => {
      recorder.takeRequests();
    });

    afterAll(async () => {
      await Promise.all([cluster.stop(), recorder.stop()]);
    });

    /** The API server makes kube-system itself, some time after it is ready. */
    async function optInKubeSystem(labels: object): Promise<void> {
      const path = '/api/v1/namespaces/kube-system';
      await eventually('kube-system is opted in', async () => {
        const { status } = await cluster.api(
          'PATCH',
          path,
          { metadata: { labels } },
          'application/merge-patch+json',
        );
        return status === 200 || undefined;
      });
      await cluster.api('POST', `${path}/serviceaccounts`, { metadata: { name: 'default' } });
    }

    function create(namespace: string, object: object): Promise<ApiResponse> {
      return cluster.api('POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All`, object);
    }

    function createWorkload(
      kind: keyof typeof workloads,
      pods: object,
      query = '?dryRun=All',
    ): Promise<ApiResponse> {
      const [group, specOf] = workloads[kind];
      const object = { kind, metadata: { name: 'app' }, spec: specOf(pods) };
      return cluster.api(
        'POST',
        `/apis/${group}/v1/namespaces/opted-in/${kind.toLowerCase()}s${query}`,
        object,
      );
    }

    it('hold the caBundle that they were given', async () => {
      const { stdout } = await cluster.kubectl([
        'get',
        'mutatingwebhookconfiguration',
        'tbot-injector',
        '-o',
        'json',
      ]);
      const { webhooks } = JSON.parse(stdout) as { webhooks: { clientConfig: unknown }[] };
      expect(webhooks.map((entry) => entry.clientConfig)).toEqual([
        { url: `${recorder.url}/mutate`, caBundle: btoa(recorder.caBundle) },
      ]);
    });

    it('send the pod that asks', async () => {
      const { status, warnings } = await create('opted-in', pod(asks));
      expect({ status, warnings }).toEqual({ status: 201, warnings: ['seen by /mutate'] });
      expect(recorder.takeRequests()).toEqual(['/mutate CREATE Pod']);
    });

    it.each([
      ['no annotations', undefined],
      ['null annotations', null],
      ['empty annotations', {}],
      ['annotations of others only', { 'prometheus.io/scrape': 'true', 'x.tbot-injector.io/outputs': 'a' }],
    ])('leave a pod with %s alone', async (_, annotations) => {
      const { status } = await create('opted-in', pod(annotations));
      expect(status).toBe(201);
      expect(recorder.takeRequests()).toEqual([]);
    });

    it.each(['bystander', 'kube-system', 'tbot-system'])(
      'leave a pod in %s alone, whatever it asks',
      async (namespace) => {
        const { status } = await create(namespace, pod(asks));
        expect(status).toBe(201);
        expect(recorder.takeRequests()).toEqual([]);
      },
    );

    it('leave a mirror pod alone', async () => {
      const mirror = pod({ ...asks, 'kubernetes.io/config.mirror': 'hash' }, { nodeName: 'node-1' });
      const { status } = await create('opted-in', mirror);
      expect(status).toBe(201);
      expect(recorder.takeRequests()).toEqual([]);
    });

    describe.each(Object.keys(workloads) as (keyof typeof workloads)[])('for a %s', (kind) => {
      const spec = kind === 'Job' || kind === 'CronJob' ? { restartPolicy: 'Never' } : {};

      it('send a workload whose pods ask, and pass on the warnings about it', async () => {
        const { status, warnings } = await createWorkload(kind, template(asks, spec));
        expect({ status, warnings }).toEqual({ status: 201, warnings: ['seen by /check'] });
        expect(recorder.takeRequests()).toEqual([`/check CREATE ${kind}`]);
      });

      it('leave a workload whose pods ask for nothing alone', async () => {
        const { status } = await createWorkload(kind, template({ 'prometheus.io/scrape': 'true' }, spec));
        expect(status).toBe(201);
        expect(recorder.takeRequests()).toEqual([]);
      });
    });

    it('send a workload again when it is changed', async () => {
      await createWorkload('Deployment', template(asks), '');
      recorder.takeRequests();
      const path = '/apis/apps/v1/namespaces/opted-in/deployments/app';
      await cluster.api('PATCH', path, { spec: { paused: true } }, 'application/merge-patch+json');
      expect(recorder.takeRequests()).toEqual(['/check UPDATE Deployment']);
    });

    describe('while the webhook is down', () => {
      beforeAll(async () => {
        await installWebhookEntries(cluster, { ...recorder, url: 'https://127.0.0.1:1' });
      });

      it('refuse the pod that would start without its identity', async () => {
        const { status, body } = await create('opted-in', pod(asks));
        expect(status).toBe(500);
        expect(body).toMatchObject({ message: expect.stringContaining('mutate.tbot-injector.io') as string });
      });

      it('let pods pass that ask for nothing', async () => {
        expect((await create('opted-in', pod({}))).status).toBe(201);
        expect((await create('bystander', pod(asks))).status).toBe(201);
      });

      it('let workloads pass unchecked', async () => {
        expect((await createWorkload('StatefulSet', template(asks))).status).toBe(201);
      });
    });

    describe('once removed', () => {
      beforeAll(async () => {
        await removeWebhookEntries(cluster);
      });

      it('leave everything alone', async () => {
        expect((await create('opted-in', pod(asks))).status).toBe(201);
      });
    });
  },
);
