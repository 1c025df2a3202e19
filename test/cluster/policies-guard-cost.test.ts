import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { startCluster, type Cluster } from './harness/cluster.ts';
import { installPolicies, OPTED_IN } from './policies/install.ts';

const OUTPUTS = 500;
const KEYS = ['svid.pem', 'svid_key.pem', 'svid_bundle.pem'];
const names = Array.from({ length: OUTPUTS }, (_, index) => `payments-database-${index}`);

const bot = (outputs: readonly string[]) => ({
  join: { method: 'kubernetes', token: 'example-bot' },
  namespaces: { names: ['payments'] },
  outputs: Object.fromEntries(
    outputs.map((name) => [name, { tbot: { type: 'workload-identity-x509', selector: { name: 'web' } } }]),
  ),
});

const VALUES = {
  teleport: { clusterName: 'example.teleport.sh', proxyServer: 'example.teleport.sh:443' },
  tbot: { version: '18.8.1' },
  bots: {
    even: bot(names.filter((_, index) => index % 2 === 0)),
    odd: bot(names.filter((_, index) => index % 2 === 1)),
  },
};

/** So many containers that each mount so many outputs, with as many mounts of their own. */
function pod(containers: number, outputs: number, order: 'as asked' | 'reversed'): object {
  const asked = names.slice(0, outputs);
  const mounts = asked.map((name) => ({
    name: `tbot-output-${name}`,
    mountPath: `/var/run/teleport/${name}`,
    readOnly: true,
  }));
  const own = asked.map((name) => ({ name: 'own', mountPath: `/own/${name}` }));
  const volumeMounts = [...own, ...(order === 'as asked' ? mounts : mounts.reverse())];
  return {
    metadata: { name: 'large', annotations: { 'tbot-injector.io/outputs': asked.join(', ') } },
    spec: {
      containers: Array.from({ length: containers }, (_, index) => ({
        name: `app-${index}`,
        image: 'x',
        volumeMounts,
      })),
      volumes: [
        { name: 'own', emptyDir: {} },
        ...asked.map((name) => ({
          name: `tbot-output-${name}`,
          secret: { secretName: `tbot-${name}`, items: KEYS.map((key) => ({ key, path: key })) },
        })),
      ],
    },
  };
}

describe.skipIf(inject('programs').kind === 'missing')(`the guard of ${OUTPUTS} outputs`, () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster();
    await cluster.createNamespace('payments', OPTED_IN);
    await installPolicies(cluster, VALUES);
  });

  afterAll(() => cluster.stop());

  // src/injection/make-plan.ts refuses pods that want more than 5,000 mounts.
  it.each([
    [100, 50, 'as asked'],
    [100, 50, 'reversed'],
    [10, 500, 'as asked'],
    [1, 500, 'reversed'],
  ] as const)('judges %i containers with %i outputs, %s', async (containers, outputs, order) => {
    const path = '/api/v1/namespaces/payments/pods?dryRun=All';
    const { status, body } = await cluster.api('POST', path, pod(containers, outputs, order));
    expect(status, JSON.stringify(body).slice(0, 1000)).toBe(201);
  });

  it('refuses what it cannot judge, and says so', async () => {
    const path = '/api/v1/namespaces/payments/pods?dryRun=All';
    const { status, body } = await cluster.api('POST', path, pod(100, 100, 'reversed'));
    expect(status).toBe(422);
    expect(body).toHaveProperty('message', expect.stringContaining('cost limit exceeded'));
  });
});
