import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { installConfigurations } from './harness/certificate-state.ts';
import { startCluster, type Cluster } from './harness/cluster.ts';
import { wideAccount, type Account } from './policies/accounts.ts';
import { apply, attempt, merge, post, remove } from './policies/attempt.ts';
import { BINDINGS, HONEST, LABELS, NAME, OTHERS, SECRETS, WEBHOOKS } from './policies/controller-attempts.ts';
import { DEPLOYMENTS, tbotDeployment } from './policies/controller-scene.ts';
import { goldenValues, installPolicies, OPTED_IN, RELEASE, RELEASE_NAMESPACE } from './policies/install.ts';
import { ofOutput, roleBinding, roleBindings, secret, secrets } from './policies/managed.ts';
import { ensureNamespace } from './policies/namespaces.ts';
import { asked, restart, workload, WORKLOADS, workloads } from './policies/workloads.ts';

describe.skipIf(inject('programs').kind === 'missing')(
  'the account of the controller, with every right',
  () => {
    let cluster: Cluster;
    let controller: Account;

    beforeAll(async () => {
      cluster = await startCluster();
      for (const name of ['payments', 'checkout', RELEASE_NAMESPACE])
        await cluster.createNamespace(name, OPTED_IN);
      await cluster.createNamespace('left');
      await ensureNamespace(cluster, 'kube-system', OPTED_IN);
      controller = await wideAccount(cluster, RELEASE_NAMESPACE, 'tbot-injector-controller');
      await installConfigurations(cluster, { namespace: RELEASE_NAMESPACE, fullname: RELEASE });
      await installConfigurations(cluster, { namespace: RELEASE_NAMESPACE, fullname: 'other' });
      const data = { data: { identity: btoa('secret') } };
      const objects: [string, object][] = [
        [secrets('payments'), secret(NAME, LABELS, data)],
        [secrets('left'), secret(NAME, LABELS, data)],
        [
          secrets('payments'),
          { ...secret('own', {}, data), metadata: { name: 'own', finalizers: ['example.com/x'] } },
        ],
        [roleBindings('payments'), roleBinding('payments')],
        [roleBindings('payments'), roleBinding('example', { metadata: { labels: {} } })],
        [DEPLOYMENTS, tbotDeployment('tbot-injector-bot-payments-0')],
        [DEPLOYMENTS, tbotDeployment('tbot-injector-webhook')],
        ...WORKLOADS.map((plural): [string, object] => [
          workloads('payments', plural),
          workload('app', plural),
        ]),
        [
          '/api/v1/namespaces/payments/pods',
          { metadata: { name: 'app' }, spec: { containers: [{ name: 'a', image: 'a' }] } },
        ],
        [
          '/api/v1/namespaces/left/pods',
          { metadata: { name: 'app' }, spec: { containers: [{ name: 'a', image: 'a' }] } },
        ],
      ];
      for (const [path, object] of objects) {
        const { status, body } = await cluster.api('POST', path, object);
        expect(status, JSON.stringify(body)).toBe(201);
      }
      await installPolicies(cluster, await values());
    });

    afterAll(async () => {
      controller.close();
      await cluster.stop();
    });

    const values = async (more: object = {}) => {
      const golden = (await goldenValues()) as { bots: { platform: object } };
      const platform = { ...golden.bots.platform, deployment: { serviceAccount: { name: 'given' } } };
      return { ...golden, bots: { ...golden.bots, platform }, ...more };
    };

    it.each(HONEST)('may $what', async (each) => {
      const { status, body } = await attempt(controller.api, each);
      expect([200, 201], JSON.stringify(body)).toContain(status);
    });

    it.each([...SECRETS, ...BINDINGS, ...WEBHOOKS, ...OTHERS])('may not $what', async (each) => {
      const { status, body } = await attempt(controller.api, each);
      expect(body).toHaveProperty(
        'message',
        expect.stringContaining("ValidatingAdmissionPolicy 'tbot-injector-guardrail-"),
      );
      expect(status).toBe(403);
      expect(JSON.stringify(body)).not.toContain(btoa('secret'));
    });

    it.each(WORKLOADS)('may not restart those that ask for it, of %s', async (plural) => {
      const { body } = await attempt(controller.api, merge('', asked('payments', plural), restart()));
      expect(body).toHaveProperty('message', expect.stringContaining('controller.workloadRestarts is off'));
    });

    it('may nothing less where it is not dry', async () => {
      const path = `${secrets('checkout')}/tbot-payments-mongo`;
      const made = secret('tbot-payments-mongo', ofOutput('payments', 'payments-mongo'));
      expect((await attempt(controller.api, apply('', path, made), true)).status).toBe(201);
      expect((await attempt(controller.api, apply('', path, made), true)).status).toBe(200);
      expect((await attempt(controller.api, remove('', path), true)).status).toBe(200);
    });

    describe('where it evicts', () => {
      beforeAll(async () => installPolicies(cluster, await values({ controller: { eviction: true } })));

      it.each([
        ['payments', 201],
        ['left', 403],
      ])('evicts a pod of %s: %i', async (namespace, expected) => {
        const path = `/api/v1/namespaces/${namespace}/pods/app/eviction`;
        const { status, body } = await attempt(controller.api, post('', path, { metadata: { name: 'app' } }));
        expect(status, JSON.stringify(body)).toBe(expected);
      });
    });
  },
);
