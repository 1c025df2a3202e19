import { describe, expect, it } from 'vitest';
import { createMetrics, type Metrics } from '../../src/telemetry/metrics.ts';
import { METRICS, type Metric } from '../../src/telemetry/table.ts';

/** The lines of our own metrics, without comments. */
async function samples(metrics: Metrics): Promise<readonly string[]> {
  const { body } = await metrics.render();
  return body.split('\n').filter((line) => line.startsWith('tbot_injector_'));
}

function ofWebhook(countByNamespace = false): Metrics {
  return createMetrics({ version: '1', process: 'webhook', countByNamespace });
}

function ofController(): Metrics {
  return createMetrics({ version: '1', process: 'controller' });
}

describe('metrics', () => {
  it('count reviews by endpoint, outcome and reason, and time them', async () => {
    const metrics = ofWebhook();
    metrics.admissions.inc({ endpoint: '/mutate', outcome: 'inject', reason: '' });
    metrics.admissions.inc({ endpoint: '/mutate', outcome: 'refuse', reason: 'output-not-granted' });
    for (let count = 0; count < 2; count++)
      metrics.admissionDuration.observe({ endpoint: '/mutate' }, 0.0004);
    metrics.admissionsByNamespace.inc({ namespace: 'payments', outcome: 'inject' });
    const lines = await samples(metrics);
    expect(lines).toContain(
      'tbot_injector_admissions_total{endpoint="/mutate",outcome="inject",reason=""} 1',
    );
    expect(lines).toContain(
      'tbot_injector_admissions_total{endpoint="/mutate",outcome="refuse",reason="output-not-granted"} 1',
    );
    const bucket = (le: string): string =>
      `tbot_injector_admission_duration_seconds_bucket{le="${le}",endpoint="/mutate"}`;
    expect(lines).toContain(`${bucket('0.00025')} 0`);
    expect(lines).toContain(`${bucket('0.0005')} 2`);
    expect(lines).toContain(`${bucket('5')} 2`);
    expect(lines.join()).not.toContain('payments');
  });

  it('count by namespace only when told to', async () => {
    const metrics = ofWebhook(true);
    metrics.admissionsByNamespace.inc({ namespace: 'payments', outcome: 'inject' });
    expect(await samples(metrics)).toContain(
      'tbot_injector_admissions_by_namespace_total{namespace="payments",outcome="inject"} 1',
    );
  });

  it('show what is under way', async () => {
    const metrics = ofWebhook();
    metrics.inFlightAdmissions.inc();
    metrics.inFlightAdmissions.inc();
    metrics.inFlightAdmissions.dec();
    expect(await samples(metrics)).toContain('tbot_injector_in_flight_admissions 1');
  });

  it('read an informer when they are scraped', async () => {
    const metrics = ofWebhook();
    const informer = { lastContact: undefined as number | undefined, restarts: 0 };
    metrics.followInformer('namespaces', informer);
    expect(await samples(metrics)).toContain(
      'tbot_injector_informer_last_contact_timestamp_seconds{resource="namespaces"} 0',
    );
    Object.assign(informer, { lastContact: 1_700_000_000_500, restarts: 2 });
    const lines = await samples(metrics);
    expect(lines).toContain(
      'tbot_injector_informer_last_contact_timestamp_seconds{resource="namespaces"} 1700000000.5',
    );
    expect(lines).toContain('tbot_injector_informer_restarts_total{resource="namespaces"} 2');
    expect(await samples(metrics)).toContain(
      'tbot_injector_informer_restarts_total{resource="namespaces"} 2',
    );
  });

  it('no longer show an informer that has ended', async () => {
    const metrics = ofController();
    metrics.followInformer('secrets', { lastContact: 1_000, restarts: 1 });
    expect((await samples(metrics)).join()).toContain('secrets');
    metrics.unfollowInformer('secrets');
    expect((await samples(metrics)).join()).not.toContain('secrets');
  });

  it('tell the version, and how node fares', async () => {
    const metrics = createMetrics({ version: '1.2.3', process: 'webhook' });
    const { contentType, body } = await metrics.render();
    expect(contentType).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(body).toContain('tbot_injector_build_info{version="1.2.3"} 1');
    expect(body).toContain('nodejs_eventloop_lag_p99_seconds');
  });

  it.each([
    ['webhook', ofWebhook(true)],
    ['controller', ofController()],
  ] as const)('of a %s are all in the table, and all of its rows are there', async (process, metrics) => {
    const { body } = await metrics.render();
    const present = [...body.matchAll(/^# TYPE (tbot_injector_\S+) (\S+)$/gm)].map(([, name, kind]) => [
      name,
      kind,
    ]);
    const table = Object.values<Metric>(METRICS)
      .filter((row) => row.process === process || row.process === 'both')
      .map(({ name, kind }) => [name, kind]);
    expect(present.toSorted()).toEqual(table.toSorted());
  });

  it('of a controller tell who leads, what it made and until when that is good', async () => {
    const metrics = ofController();
    metrics.onScrape(() => {
      metrics.clockAhead.set(-7200);
    });
    metrics.leader.set(true);
    metrics.certificateExpiry.set({ certificate: 'ca' }, Date.parse('2027-01-01T00:00:00Z') / 1000);
    metrics.certificateRotations.inc({ certificate: 'ca', reason: 'no-ca' });
    metrics.caBundleWrites.inc();
    metrics.reconcileErrors.inc({ controller: 'certificates' });
    const lines = await samples(metrics);
    expect(lines).toContain('tbot_injector_leader 1');
    expect(lines).toContain('tbot_injector_clock_ahead_seconds -7200');
    expect(lines).toContain(
      'tbot_injector_certificate_expiry_timestamp_seconds{certificate="ca"} 1798761600',
    );
    expect(lines).toContain('tbot_injector_certificate_rotations_total{certificate="ca",reason="no-ca"} 1');
    expect(lines).toContain('tbot_injector_ca_bundle_writes_total 1');
    expect(lines).toContain('tbot_injector_reconcile_errors_total{controller="certificates"} 1');
    metrics.leader.set(false);
    metrics.resetLeader();
    const later = await samples(metrics);
    expect(later).toContain('tbot_injector_leader 0');
    expect(later.join()).not.toContain('expiry');
  });

  it('forget of the leader what only it shows, and keep what it counted', async () => {
    const metrics = ofController();
    const [of, state] = [{ bot: 'a', shard: 0 }, 'configured'] as const;
    metrics.credentials.set({ ...of, state }, 3);
    metrics.unhealthyCredentials.set({ bot: 'a', state: 'stale' }, 1);
    metrics.failingCredentials.set(of, 1);
    metrics.tbotReachable.set(of, true);
    metrics.uninjectedPods.set(2);
    metrics.podsWithRevokedCredentials.set(2);
    metrics.unrestartableWorkloads.set(2);
    metrics.tbotRestarts.inc(of);
    metrics.resetLeader();
    const lines = await samples(metrics);
    expect(
      lines.filter((line) => /credentials\{|reachable\{|(pods|_credentials|workloads) [^0]/.test(line)),
    ).toEqual([]);
    expect(lines).toContain('tbot_injector_tbot_restarts_total{bot="a",shard="0"} 1');
  });

  it('take away one series, and take a boolean as 1 or 0', async () => {
    const metrics = ofController();
    for (const shard of [0, 1]) metrics.failingCredentials.set({ bot: 'a', shard }, 1);
    metrics.failingCredentials.remove({ bot: 'a', shard: 0 });
    metrics.tbotReachable.set({ bot: 'a', shard: 0 }, true);
    metrics.tbotReachable.set({ bot: 'a', shard: 1 }, false);
    const lines = await samples(metrics);
    expect(lines.filter((line) => /failing|reachable/.test(line))).toEqual([
      'tbot_injector_failing_credentials{bot="a",shard="1"} 1',
      'tbot_injector_tbot_reachable{bot="a",shard="0"} 1',
      'tbot_injector_tbot_reachable{bot="a",shard="1"} 0',
    ]);
  });

  it('take exactly the labels of the row', async () => {
    const metrics = ofController();
    // @ts-expect-error a label is missing
    metrics.tbotRestarts.inc({ bot: 'a' });
    // @ts-expect-error there is no such label
    metrics.tbotRestarts.inc({ bot: 'a', shard: 0, colour: 'red' });
    // @ts-expect-error there is no such state
    metrics.credentials.set({ bot: 'a', shard: 0, state: 'listed' }, 1);
    // @ts-expect-error labels are missing
    metrics.tbotRestarts.inc();
    // @ts-expect-error a gauge does not observe
    expect(metrics.uninjectedPods.observe).toBeUndefined();
    const shard = { bot: 'b', shard: 0, services: ['a'] };
    metrics.tbotRestarts.inc(shard);
    expect(await samples(metrics)).toContain('tbot_injector_tbot_restarts_total{bot="b",shard="0"} 1');
  });

  it('show nothing of the other process', async () => {
    const metrics = ofWebhook();
    metrics.leader.set(true);
    metrics.uninjectedPods.set(3);
    metrics.failingCredentials.remove({ bot: 'a', shard: 0 });
    metrics.resetLeader();
    expect((await samples(metrics)).join()).not.toMatch(/leader|pods/);
  });

  it('of two sets do not meet', async () => {
    const [one, other] = [ofWebhook(), ofWebhook()];
    one.inFlightAdmissions.inc();
    expect(await samples(other)).toContain('tbot_injector_in_flight_admissions 0');
  });
});
