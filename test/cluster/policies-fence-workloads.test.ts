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
    merge(`restart where nobody opted in, of ${plural}`, asked('left', plural), restart()),
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

    describe('who manages what', () => {
      const path = asked('payments', 'statefulsets');
      const as = (manager: string, body: object) => merge(manager, `${path}?fieldManager=${manager}`, body);

      interface Stored {
        readonly metadata: { readonly managedFields: readonly { readonly manager: string }[] };
      }

      it('may restart what others have applied, and restarted by hand', async () => {
        const applied = { apiVersion: 'apps/v1', kind: 'StatefulSet', ...workload('app', 'statefulsets') };
        const tool = `${path}?fieldManager=tool&force=true`;
        await cluster.api('PATCH', tool, applied, 'application/apply-patch+yaml');
        await attempt(cluster.api, as('kubectl-rollout', restart('2026-11-24T12:00:00Z')), true);
        const honest = merge('restart', path, restart('2026-11-25T12:00:00Z'));
        const { status, body } = await attempt(controller.api, honest, true);
        expect(status, JSON.stringify(body)).toBe(200);
        const managers = (body as Stored).metadata.managedFields.map(({ manager }) => manager);
        expect(managers).toContain('tool');
        expect(managers).not.toContain('kubectl-rollout');
      });

      it('may not change that for anybody', async () => {
        const { managedFields } = ((await cluster.api('GET', path)).body as Stored).metadata;
        const others = managedFields.filter(({ manager }) => manager !== 'tool');
        const left = managedFields.map((each) =>
          each.manager === 'tool' ? { ...each, fieldsV1: {} } : each,
        );
        const named = managedFields.map((each) => ({ ...each, manager: 'x' }));
        for (const changed of [others, left, named]) {
          const body = { metadata: { managedFields: changed }, ...restart('2026-11-26T12:00:00Z') };
          const answer = await attempt(controller.api, merge('change managers', path, body));
          expect(answer.body).toHaveProperty('message', expect.stringContaining('metadata.managedFields'));
        }
      });

      it('may restart what is large', async () => {
        const env = Array.from({ length: 50 }, (_, index) => ({ name: `SETTING_${index}`, value: 'x' }));
        const containers = Array.from({ length: 100 }, (_, index) => ({
          name: `c-${index}`,
          image: 'a',
          env,
        }));
        const large = asked('payments', 'deployments', 'large');
        const { metadata, spec } = workload('app', 'deployments') as {
          metadata: object;
          spec: { template: object };
        };
        const applied = {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { ...metadata, name: 'large' },
          spec: { ...spec, template: { ...spec.template, spec: { containers } } },
        };
        for (const tool of ['one', 'two']) {
          const query = `?fieldManager=${tool}&force=true`;
          const made = await cluster.api('PATCH', large + query, applied, 'application/apply-patch+yaml');
          expect(made.status, JSON.stringify(made.body).slice(0, 500)).toBeLessThan(300);
        }
        const { status, body } = await attempt(controller.api, merge('restart', large, restart()));
        expect(status, JSON.stringify(body).slice(0, 500)).toBe(200);
      });

      it('may restart what many have changed', async () => {
        for (let index = 0; index < 12; index++) {
          const change = as(`manager-${index}`, { metadata: { labels: { [`label-${index}`]: 'x' } } });
          expect((await attempt(cluster.api, change, true)).status).toBe(200);
          const honest = merge('restart', path, restart(`2026-11-27T12:00:${10 + index}Z`));
          const { status, body } = await attempt(controller.api, honest, true);
          expect(status, JSON.stringify(body)).toBe(200);
        }
      });
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
        expect.stringContaining("ValidatingAdmissionPolicy 'tbot-injector-fence-controller-"),
      );
      expect(status).toBe(403);
    });

    it('is the only one that is held', async () => {
      const { status } = await attempt(cluster.api, merge('scale', APP, { spec: { replicas: 2 } }));
      expect(status).toBe(200);
    });
  },
);
