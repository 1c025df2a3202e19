import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ABOUT_FIVE, keepAlive } from '../load/keep-alive.ts';
import { PATIENT } from '../load/replicas.ts';
import { startCluster, type Cluster } from './harness/cluster.ts';

describe.skipIf(inject('programs').kind === 'missing')('a kept connection', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster();
  });

  afterAll(() => cluster.stop());

  it('survives pauses of about 5 s, and 12 s before its first request', async () => {
    const figures = await keepAlive(cluster, { seconds: 18, pauses: ABOUT_FIVE, unused: [12], ...PATIENT });
    expect(figures).toMatchObject({ broken: [], failedPods: [], connections: 1 });
    expect(figures.requests).toBeGreaterThan(2 * ABOUT_FIVE.length);
  });
});
