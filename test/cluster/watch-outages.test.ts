import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startCluster, type Cluster } from './harness/cluster.ts';
import { OUTAGES } from './watch/outages.ts';
import { expectRecovery } from './watch/recovery.ts';
import { tryFault } from './watch/trial.ts';

const outages = OUTAGES.filter(({ seconds }) => seconds.test !== undefined);

describe.skipIf(inject('programs').kind === 'missing')('with', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster();
  });

  afterAll(() => cluster.stop());

  it.each(outages)('$name, the watch is right again', { timeout: 150_000 }, async (outage) => {
    const name = `outage-${OUTAGES.indexOf(outage)}`;
    expectRecovery(await tryFault(cluster, outage, name, outage.seconds.test ?? 0));
    expect(cluster.apiServer.ended()).toBeUndefined();
  });
});
