import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { startCluster, type Cluster } from './harness/cluster.ts';
import { wideAccount, type Account } from './policies/accounts.ts';
import { attempt, merge } from './policies/attempt.ts';
import { goldenValues, installPolicies, OPTED_IN, RELEASE_NAMESPACE } from './policies/install.ts';
import { asked, restart, workload, WORKLOADS, workloads } from './policies/workloads.ts';

interface Entry {
  readonly manager: string;
  readonly fieldsV1: object;
}
interface Answer {
  readonly metadata: { readonly managedFields: readonly Entry[] };
}

describe.skipIf(inject('programs').kind === 'missing')(
  'metadata.managedFields, to a controller that restarts workloads, with every right',
  () => {
    let cluster: Cluster;
    let controller: Account;

    beforeAll(async () => {
      cluster = await startCluster();
      for (const name of ['payments', RELEASE_NAMESPACE]) await cluster.createNamespace(name, OPTED_IN);
      controller = await wideAccount(cluster, RELEASE_NAMESPACE, 'tbot-injector-controller');
      for (const plural of WORKLOADS) {
        const { status, body } = await cluster.api(
          'POST',
          workloads('payments', plural),
          workload('app', plural),
        );
        expect(status, JSON.stringify(body)).toBe(201);
      }
      await installPolicies(cluster, { ...(await goldenValues()), controller: { workloadRestarts: true } });
    });

    afterAll(async () => {
      controller.close();
      await cluster.stop();
    });

    describe('who manages what', () => {
      const path = asked('payments', 'statefulsets');
      const as = (manager: string, body: object) => merge(manager, `${path}?fieldManager=${manager}`, body);

      it('may restart what others have applied, and restarted by hand', async () => {
        const applied = { apiVersion: 'apps/v1', kind: 'StatefulSet', ...workload('app', 'statefulsets') };
        const tool = `${path}?fieldManager=tool&force=true`;
        await cluster.api('PATCH', tool, applied, 'application/apply-patch+yaml');
        await attempt(cluster.api, as('kubectl-rollout', restart('2026-11-24T12:00:00Z')), true);
        const honest = merge('restart', path, restart('2026-11-25T12:00:00Z'));
        const { status, body } = await attempt(controller.api, honest, true);
        expect(status, JSON.stringify(body)).toBe(200);
        const managers = (body as Answer).metadata.managedFields.map(({ manager }) => manager);
        expect(managers).toContain('tool');
        expect(managers).not.toContain('kubectl-rollout');
      });

      it('may not change that of any manager', async () => {
        const { managedFields } = ((await cluster.api('GET', path)).body as Answer).metadata;
        const others = managedFields.filter(({ manager }) => manager !== 'tool');
        const left = managedFields.map((each) =>
          each.manager === 'tool' ? { ...each, fieldsV1: {} } : each,
        );
        const named = managedFields.map((each) => ({ ...each, manager: 'x' }));
        const later = managedFields.map((each) => ({ ...each, apiVersion: 'apps/v2' }));
        const twice = [...managedFields, ...left];
        const ours = managedFields.map((each) =>
          each.manager === 'tbot-injector' ? { ...each, fieldsV1: { 'f:spec': { 'f:replicas': {} } } } : each,
        );
        for (const changed of [others, left, named, later, twice, ours]) {
          const body = { metadata: { managedFields: changed }, ...restart('2026-11-26T12:00:00Z') };
          const answer = await attempt(controller.api, merge('change managers', path, body));
          expect(answer.body).toHaveProperty('message', expect.stringContaining('metadata.managedFields'));
        }
      });

      it('may not pretend that others manage something, to forget them later', async () => {
        const { managedFields } = ((await cluster.api('GET', path)).body as Answer).metadata;
        const owned = { 'f:spec': { 'f:template': { 'f:metadata': { 'f:annotations': { '.': {} } } } } };
        const entry = { operation: 'Update', apiVersion: 'apps/v1', fieldsType: 'FieldsV1', fieldsV1: owned };
        const fakes = Array.from({ length: 10 }, (_, index) => ({ ...entry, manager: `fake-${index}` }));
        const ours = { ...entry, manager: 'tbot-injector' };
        for (const added of [
          fakes,
          [{ ...entry, manager: 'ancient-changes' }],
          [{ ...ours, operation: 'Apply' }],
          [{ ...ours, subresource: 'status' }],
        ]) {
          const body = { metadata: { managedFields: [...managedFields, ...added] } };
          for (const change of [body, { ...body, ...restart('2026-11-26T12:00:00Z') }]) {
            const answer = await attempt(controller.api, merge('add managers', path, change));
            expect(answer.body).toHaveProperty('message', expect.stringContaining('metadata.managedFields'));
          }
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

    describe('what more have updated than the API server tells apart', () => {
      const path = asked('payments', 'daemonsets');
      // Of one second, the API server takes the oldest by their names: ours before these.
      const update = async (index: number): Promise<void> => {
        const labels = { [`label-${index}`]: 'x' };
        const limits = { cpu: `${index + 1}`, [`example.com/${index}`]: '1' };
        const containers = [{ name: 'app', resources: { limits } }];
        const body = {
          metadata: { labels },
          spec: { template: { metadata: { labels }, spec: { containers } } },
        };
        const manager = `${path}?fieldManager=z-${index}`;
        const { status } = await cluster.api(
          'PATCH',
          manager,
          body,
          'application/strategic-merge-patch+json',
        );
        expect(status).toBe(200);
      };
      const stored = async (): Promise<readonly Entry[]> =>
        ((await cluster.api('GET', path)).body as Answer).metadata.managedFields;
      const time = (index: number): string => `2026-11-28T12:00:${10 + index}Z`;
      const together = (each: Entry): boolean => each.manager === 'ancient-changes';
      const ours = (each: Entry): boolean => each.manager === 'tbot-injector';
      const owned = (entries: readonly Entry[]): object => entries.find(together)?.fieldsV1 ?? {};
      const more = (fields: object): object => ({
        ...fields,
        'f:status': { 'f:desiredNumberScheduled': {} },
      });

      const deeper = (fields: object): unknown =>
        JSON.parse(JSON.stringify(fields).replace(/"f:example.com\/\d+"/, '"f:example.com/x"'));

      it.each([0, 1, 2])('may restart it, as the oldest are put together: %i', async (round) => {
        for (let index = 0; index < 10; index++) await update(round * 10 + index);
        expect((await stored()).some(ours)).toBe(false);
        const honest = merge('restart', path, restart(time(round)));
        const { managedFields } = ((await attempt(controller.api, honest)).body as Answer).metadata;
        expect(managedFields.filter(together)).toHaveLength(1);
        const forged = [
          [{}],
          managedFields.filter((each) => !together(each)),
          managedFields.filter(({ manager }) => manager !== `z-${round * 10 + 9}`),
          ...[
            {},
            { 'f:metadata': {} },
            { ...owned(managedFields), 'f:spec': {} },
            more(owned(managedFields)),
            deeper(owned(managedFields)),
          ].map((fieldsV1) => managedFields.map((each) => (together(each) ? { ...each, fieldsV1 } : each))),
        ];
        for (const changed of forged) {
          const body = { metadata: { managedFields: changed }, ...restart(time(round)) };
          const answer = await attempt(controller.api, merge('forge', path, body));
          expect(answer.body).toHaveProperty('message', expect.stringContaining('metadata.managedFields'));
        }
        const { status, body } = await attempt(controller.api, honest, true);
        expect(status, JSON.stringify(body)).toBe(200);
      });
    });
  },
);
