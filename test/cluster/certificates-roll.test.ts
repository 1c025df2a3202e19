import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { rollCertificates } from '../load/certificate-roll.ts';
import { PATIENT } from '../load/replicas.ts';
import { type Cluster, startCluster } from './harness/cluster.ts';

describe.skipIf(inject('programs').kind === 'missing')('a roll of the CA by the controller', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster();
  });

  afterAll(() => cluster.stop());

  it('fails no review and no handshake, on kept and fresh connections and through the API server', async () => {
    const { phases, sent, failed } = await rollCertificates(cluster, { restSeconds: 3, ...PATIENT });
    expect(failed).toEqual([]);
    expect(Math.min(sent.apiServer, sent.kept, sent.fresh)).toBeGreaterThan(20);
    // Two CAs are published from before the new one signs until the last leaf of the old one has ended.
    expect(phases.map((phase) => phase.at(-1))).toEqual(['1', '1', '2', '2', '1']);
    expect(phases[2]).toContain('store-authority:introduce publish');
    expect(phases[3]).toContain('store-authority:promote issue:other-ca');
    expect(phases[4]).toContain('store-authority:forget publish');
  }, 240_000);
});
