import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startCluster, type Cluster } from './harness/cluster.ts';
import { FAULTS } from './watch/faults.ts';
import { expectRecovery } from './watch/recovery.ts';
import { tryFault, type Recovery } from './watch/trial.ts';

describe.skipIf(inject('programs').kind === 'missing')('after', () => {
  let cluster: Cluster;
  const trials = new Map<string, Promise<Recovery>>();

  beforeAll(async () => {
    cluster = await startCluster();
    // All at once: most of the time is spent waiting.
    for (const [index, fault] of FAULTS.entries()) {
      trials.set(fault.name, tryFault(cluster, fault, `fault-${index}`, fault.seconds.test ?? 0));
    }
    await Promise.allSettled(trials.values());
  });

  afterAll(() => cluster.stop());

  it.each(FAULTS)('$name, the watch is right again', async ({ name }) => {
    const recovery = await trials.get(name);
    expectRecovery(recovery);
  });

  it('the watch has waited as long as it was asked to', async () => {
    const recovery = await trials.get('HTTP 429 with Retry-After: 2');
    const times = recovery?.watches.times ?? [];
    const waits = times.slice(2).map((time, index) => time - (times[index + 1] ?? 0));
    expect(Math.min(...waits.slice(0, 2))).toBeGreaterThan(1_900);
  });

  it('a silence, the last contact is the one before it', async () => {
    const recovery = await trials.get('a black hole for all connections, new ones too');
    const { contact, ended } = recovery ?? expect.fail('it has not been tried');
    expect(ended - contact.during).toBeGreaterThan(11_000);
  });
});
