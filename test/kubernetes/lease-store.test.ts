import { afterEach, describe, expect, it } from 'vitest';
import { loadClient, type KubernetesClient } from '../../src/kubernetes/client.ts';
import { heldBy } from '../../src/kubernetes/lease.ts';
import { createLeaseStore } from '../../src/kubernetes/lease-store.ts';
import { FakeApiServer, json } from './fake-api-server.ts';

const opened: (FakeApiServer | KubernetesClient)[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.close();
});

const record = heldBy('me', undefined, new Date('2026-01-02T03:04:05.678Z'));
const spec = {
  holderIdentity: 'me',
  leaseDurationSeconds: 15,
  acquireTime: '2026-01-02T03:04:05.678000Z',
  renewTime: '2026-01-02T03:04:05.678000Z',
  leaseTransitions: 0,
};

async function open(answer: ConstructorParameters<typeof FakeApiServer>[0]) {
  const api = await new FakeApiServer(answer).listen();
  const client = loadClient({ kubeconfig: await api.kubeconfig() });
  opened.push(client, api);
  return { api, store: createLeaseStore(client, 'system', 'leader') };
}

describe('a Lease', () => {
  it('is written for the version that was read only, with times of six digits', async () => {
    const { api, store } = await open((_, response) => {
      json(response, 200, { metadata: { resourceVersion: '8' }, spec });
    });
    const written = await store.write(record, '7');
    expect(api.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'PATCH /apis/coordination.k8s.io/v1/namespaces/system/leases/leader',
    ]);
    expect(JSON.parse((await api.requests[0]?.body) ?? '')).toEqual({
      metadata: { resourceVersion: '7' },
      spec,
    });
    expect(written).toEqual({
      record: { ...record, acquiredAt: spec.acquireTime, renewedAt: spec.renewTime },
      version: '8',
    });
  });

  it('is created empty and then written, so that two cannot both create it', async () => {
    const { api, store } = await open(({ headers }, response) => {
      const isApply = headers['content-type'] === 'application/apply-patch+yaml';
      json(response, isApply ? 201 : 200, { metadata: { resourceVersion: '1' }, spec: isApply ? {} : spec });
    });
    await store.write(record, undefined);
    const bodies = await Promise.all(api.requests.map(({ body }) => body));
    expect(bodies.map((body) => JSON.parse(body) as unknown)).toEqual([
      {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'leader', namespace: 'system' },
      },
      { metadata: { resourceVersion: '1' }, spec },
    ]);
  });

  it('that another replica has created meanwhile is left alone', async () => {
    const { api, store } = await open((_, response) => {
      json(response, 200, { metadata: { resourceVersion: '2' }, spec: { ...spec, holderIdentity: 'other' } });
    });
    await expect(store.write(record, undefined)).rejects.toMatchObject({ code: 'conflict' });
    expect(api.requests).toHaveLength(1);
  });

  it('that is gone is a conflict, and in no namespace too', async () => {
    const { store } = await open((_, response) => {
      json(response, 404, {});
    });
    await expect(store.write(record, '7')).rejects.toMatchObject({ code: 'conflict' });
    await expect(store.write(record, undefined)).rejects.toMatchObject({ code: 'conflict' });
    expect(await store.read()).toEqual({ record: undefined, version: undefined });
  });

  it.each([{}, { spec: null }, { spec: { holderIdentity: 7 } }])(
    'of the form %j has no record',
    async (object) => {
      const { store } = await open((_, response) => {
        json(response, 200, { metadata: { resourceVersion: '3' }, ...object });
      });
      expect(await store.read()).toEqual({ record: undefined, version: '3' });
    },
  );

  it('with a holder and garbage beside it is read as far as it can be', async () => {
    const { store } = await open((_, response) => {
      const garbage = {
        holderIdentity: 'other',
        leaseDurationSeconds: 'x',
        renewTime: 1,
        leaseTransitions: 1.5,
      };
      json(response, 200, { metadata: { resourceVersion: '3' }, spec: garbage });
    });
    const read = { holder: 'other', durationMs: 0, acquiredAt: '', renewedAt: '', transitions: 0 };
    expect(await store.read()).toEqual({ record: read, version: '3' });
  });
});
