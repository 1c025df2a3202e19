import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { startCluster, type Cluster } from './harness/cluster.ts';
import { wideAccount, type Account } from './policies/accounts.ts';
import { attempt, merge, post, remove } from './policies/attempt.ts';
import { HONEST, OTHERS } from './policies/controller-attempts.ts';
import { DEPLOYMENT, DEPLOYMENTS, tbotDeployment } from './policies/controller-scene.ts';
import { goldenValues, installPolicies, OPTED_IN, RELEASE_NAMESPACE } from './policies/install.ts';
import { ensureNamespace } from './policies/namespaces.ts';
import { asked, NAMES, restart, workload, WORKLOADS, workloads, type Plural } from './policies/workloads.ts';

const template = (more: object): object => ({ spec: { template: more } });
const APP = asked('payments', 'deployments');

const FORBIDDEN = [
  merge('exchange the image', APP, template({ spec: { containers: [{ name: 'app', image: 'evil' }] } })),
  merge('exchange the account', APP, template({ spec: { serviceAccountName: 'admin' } })),
  merge('add a volume', APP, template({ spec: { volumes: [{ name: 'x', emptyDir: {} }] } })),
  merge('annotate the pods', APP, template({ metadata: { annotations: { a: 'b' } } })),
  merge(
    'ask for another output',
    APP,
    template({ metadata: { annotations: { 'tbot-injector.io/outputs': 'b' } } }),
  ),
  merge('take an annotation of the pods away', APP, template({ metadata: { annotations: { kept: null } } })),
  merge('label the pods', APP, template({ metadata: { labels: { a: 'b' } } })),
  ...Object.entries({
    'write 200 kB as the time': 'x'.repeat(200_000),
    'write no time': 'now',
    'write an empty time': '',
    'write a time with more behind it': '2026-11-21T12:00:00Z\n',
    'take the time away': null,
  }).map(([what, time]) => merge(what, APP, restart(time))),
  merge('forget who manages what', APP, { metadata: { managedFields: [{}] }, ...restart() }),
  merge('restart and scale', APP, { spec: { replicas: 0, template: restart().spec.template } }),
  merge('scale by the subresource', `${APP}/scale`, { spec: { replicas: 0 } }),
  merge('pause', APP, { spec: { paused: true } }),
  merge('annotate', APP, { metadata: { annotations: { a: 'b' } } }),
  merge('take away what it was asked', APP, {
    metadata: { annotations: { 'tbot-injector.io/restart-every': null } },
  }),
  merge('label', APP, { metadata: { labels: { a: 'b' } } }),
  merge('hold it', APP, { metadata: { finalizers: ['example.com/x'] } }),
  merge('write its status', `${APP}/status`, { status: { replicas: 7 } }),
  merge('restart it, and give itself the permission', asked('payments', 'deployments', 'mute'), {
    metadata: { annotations: { 'tbot-injector.io/restart-every': '20h' } },
    ...restart(),
  }),
  ...WORKLOADS.flatMap((plural) => [
    merge(`restart what did not ask, of ${plural}`, asked('payments', plural, 'mute'), restart()),
    merge(`restart in a namespace that has not opted in, of ${plural}`, asked('left', plural), restart()),
    merge(`restart in kube-system, of ${plural}`, asked('kube-system', plural), restart()),
    merge(`exchange the image, of ${plural}`, asked('payments', plural), {
      spec: { template: { spec: { containers: [{ name: 'app', image: 'evil' }] } } },
    }),
    post(`make one, of ${plural}`, workloads('payments', plural), workload('new', plural)),
    remove(`remove one, of ${plural}`, asked('payments', plural)),
  ]),
  merge('restart a StatefulSet at home', asked(RELEASE_NAMESPACE, 'statefulsets'), restart()),
];

describe.skipIf(inject('programs').kind === 'missing')(
  'the account of a controller that restarts workloads, with every right',
  () => {
    let cluster: Cluster;
    let controller: Account;

    beforeAll(async () => {
      cluster = await startCluster();
      for (const name of ['payments', RELEASE_NAMESPACE]) await cluster.createNamespace(name, OPTED_IN);
      await cluster.createNamespace('left');
      await ensureNamespace(cluster, 'kube-system', OPTED_IN);
      controller = await wideAccount(cluster, RELEASE_NAMESPACE, 'tbot-injector-controller');
      const create = async (path: string, object: object): Promise<void> => {
        const { status, body } = await cluster.api('POST', path, object);
        expect(status, JSON.stringify(body)).toBe(201);
      };
      for (const namespace of ['payments', 'left', 'kube-system', RELEASE_NAMESPACE])
        for (const plural of WORKLOADS)
          for (const name of NAMES) await create(workloads(namespace, plural), workload(name, plural));
      for (const name of ['tbot-injector-bot-payments-0', 'tbot-injector-webhook'])
        await create(DEPLOYMENTS, tbotDeployment(name));
      await create('/api/v1/namespaces/payments/pods', {
        metadata: { name: 'app' },
        spec: { containers: [{ name: 'a', image: 'a' }] },
      });
      await installPolicies(cluster, { ...(await goldenValues()), controller: { workloadRestarts: true } });
    });

    afterAll(async () => {
      controller.close();
      await cluster.stop();
    });

    it.each<Plural>(WORKLOADS)('may restart what asks for it, of %s', async (plural) => {
      for (const time of ['2026-11-22T12:00:00Z', '2026-11-23T12:00:00Z']) {
        const honest = merge('restart', asked('payments', plural), restart(time));
        const { status, body } = await attempt(controller.api, honest, true);
        expect(status, JSON.stringify(body)).toBe(200);
      }
    });

    it('may restart tbot as before', async () => {
      const honest = HONEST.find(({ path }) => path === DEPLOYMENT);
      const { status, body } = await attempt(controller.api, honest ?? merge('', '', {}));
      expect(status, JSON.stringify(body)).toBe(200);
    });

    it.each([...FORBIDDEN, ...OTHERS])('may not $what', async (each) => {
      const { status, body } = await attempt(controller.api, each);
      expect(body).toHaveProperty(
        'message',
        expect.stringContaining("ValidatingAdmissionPolicy 'tbot-injector-guardrail-controller-"),
      );
      expect(status).toBe(403);
    });

    it('is the only one that is held', async () => {
      const { status } = await attempt(cluster.api, merge('scale', APP, { spec: { replicas: 2 } }));
      expect(status).toBe(200);
    });
  },
);
