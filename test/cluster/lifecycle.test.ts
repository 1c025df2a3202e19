import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { exchangeCertificates } from '../load/certificate-exchange.ts';
import { outage, type OutageFigures } from '../load/outage.ts';
import { PATIENT } from '../load/replicas.ts';
import { restartReplicas } from '../load/rolling-restarts.ts';
import { soak } from '../load/soak.ts';
import { measureStarts } from '../load/start-time.ts';
import { startCluster, type Cluster } from './harness/cluster.ts';

const PATIENCE = { timeout: 240_000 };

// Short versions of the scripts in test/load; the scripts are for figures.
describe.skipIf(inject('programs').kind === 'missing')('the life of the webhook', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster();
  });

  afterAll(() => cluster.stop());

  it('two replicas are restarted in turn, and no admission fails', PATIENCE, async () => {
    const { admissions, failed } = await restartReplicas(cluster, { count: 4, ...PATIENT });
    expect(failed).toEqual([]);
    expect(admissions.length).toBeGreaterThan(50);
  });

  it('CA and certificate are exchanged, and no review fails', PATIENCE, async () => {
    const { sent, failed } = await exchangeCertificates(cluster, {
      rotations: 2,
      restSeconds: 0.5,
      ...PATIENT,
    });
    expect(failed).toEqual([]);
    expect(Math.min(...Object.values(sent))).toBeGreaterThan(20);
  });

  it('is ready well within a second of its certificate', PATIENCE, async () => {
    const { fromCertificate } = await measureStarts(cluster, 2);
    // It looks every half second; the rest is for a machine that is busy.
    expect(Math.min(...fromCertificate)).toBeLessThan(1000);
  });

  it('answers every kind of review as expected, while namespaces change', PATIENCE, async () => {
    const { reviews, errors, memory } = await soak(cluster, {
      seconds: 3,
      perSecond: 100,
      everySeconds: 1,
    });
    expect(errors).toEqual({});
    expect(reviews).toBeGreaterThan(20);
    expect(memory[0]?.rss).toBeGreaterThan(10);
  });

  describe('when every replica is killed', () => {
    let figures: OutageFigures;

    beforeAll(async () => {
      figures = await outage(cluster, { upSeconds: 2, downSeconds: 60, ...PATIENT });
    });

    const sent = (user: string, phase?: string) =>
      figures.sent.filter((each) => each.user === user && (phase === undefined || each.phase === phase));

    it.each(['bystander', 'silent'])('a pod that did not opt in starts as before: %s', (user) => {
      expect(sent(user, 'down').length).toBeGreaterThan(20);
      expect(sent(user).filter(({ status }) => status !== 201)).toEqual([]);
    });

    it('a pod that opted in is refused, and not started without identity', () => {
      expect(sent('asking', 'down').length).toBeGreaterThan(20);
      expect(sent('asking').filter(({ status, injected }) => status === 201 && !injected)).toEqual([]);
      expect(figures.withoutIdentity).toBe(0);
    });

    it('the webhook works again as soon as a replica is ready', () => {
      expect(figures.backAfter.ready).toBeLessThan(2);
    });
  });
});
