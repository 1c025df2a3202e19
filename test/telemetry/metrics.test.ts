import { describe, expect, it } from 'vitest';
import { createMetrics, type Metrics } from '../../src/telemetry/metrics.ts';
import { METRICS } from '../../src/telemetry/table.ts';

/** The lines of our own metrics, without comments. */
async function samples(metrics: Metrics): Promise<readonly string[]> {
  const { body } = await metrics.render();
  return body.split('\n').filter((line) => line.startsWith('tbot_injector_'));
}

const admission = { endpoint: '/mutate', outcome: 'inject', namespace: 'payments', seconds: 0.0004 };

describe('metrics', () => {
  it('count reviews by endpoint, outcome and reason, and time them', async () => {
    const metrics = createMetrics({ version: '1.2.3', countByNamespace: false });
    metrics.recordAdmission(admission);
    metrics.recordAdmission({ ...admission, outcome: 'refuse', reason: 'output-not-granted' });
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
    const metrics = createMetrics({ version: '1', countByNamespace: true });
    metrics.recordAdmission(admission);
    expect(await samples(metrics)).toContain(
      'tbot_injector_admissions_by_namespace_total{namespace="payments",outcome="inject"} 1',
    );
  });

  it('show what is under way', async () => {
    const metrics = createMetrics({ version: '1', countByNamespace: false });
    metrics.inFlight.inc();
    metrics.inFlight.inc();
    metrics.inFlight.dec();
    expect(await samples(metrics)).toContain('tbot_injector_admissions_in_flight 1');
  });

  it('look at a watch when they are scraped', async () => {
    const metrics = createMetrics({ version: '1', countByNamespace: false });
    const watch = { lastContact: undefined as number | undefined, restarts: 0 };
    metrics.followWatch('namespaces', watch);
    expect(await samples(metrics)).toContain(
      'tbot_injector_watch_last_contact_timestamp_seconds{resource="namespaces"} 0',
    );
    Object.assign(watch, { lastContact: 1_700_000_000_500, restarts: 2 });
    const lines = await samples(metrics);
    expect(lines).toContain(
      'tbot_injector_watch_last_contact_timestamp_seconds{resource="namespaces"} 1700000000.5',
    );
    expect(lines).toContain('tbot_injector_watch_restarts_total{resource="namespaces"} 2');
    expect(await samples(metrics)).toContain('tbot_injector_watch_restarts_total{resource="namespaces"} 2');
  });

  it('tell the version, and how node fares', async () => {
    const metrics = createMetrics({ version: '1.2.3', countByNamespace: false });
    const { contentType, body } = await metrics.render();
    expect(contentType).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(body).toContain('tbot_injector_build_info{version="1.2.3"} 1');
    expect(body).toContain('nodejs_eventloop_lag_p99_seconds');
  });

  it('are all in the table, and all of the table is there', async () => {
    const metrics = createMetrics({ version: '1', countByNamespace: true });
    metrics.forController({ isLeading: () => true, clockAheadMs: () => 0 });
    const { body } = await metrics.render();
    const present = [...body.matchAll(/^# TYPE (tbot_injector_\S+) (\S+)$/gm)].map(([, name, kind]) => [
      name,
      kind,
    ]);
    const table = Object.values(METRICS).map(({ name, kind }) => [name, kind]);
    expect(present.toSorted()).toEqual(table.toSorted());
  });

  it('of a controller tell who leads, what it made and until when that is good', async () => {
    const metrics = createMetrics({ version: '1', countByNamespace: false });
    expect((await samples(metrics)).join()).not.toContain('leader');
    const state = { isLeading: true };
    const own = metrics.forController({ isLeading: () => state.isLeading, clockAheadMs: () => -7_200_000 });
    own.recordExpiry('ca', new Date('2027-01-01T00:00:00Z'));
    own.countRotation('ca', 'no-ca');
    own.countCaBundleWrite();
    own.countDutyFailure('certificates');
    const lines = await samples(metrics);
    expect(lines).toContain('tbot_injector_leader 1');
    expect(lines).toContain('tbot_injector_clock_ahead_seconds -7200');
    expect(lines).toContain(
      'tbot_injector_certificate_expiry_timestamp_seconds{certificate="ca"} 1798761600',
    );
    expect(lines).toContain('tbot_injector_certificate_rotations_total{certificate="ca",reason="no-ca"} 1');
    expect(lines).toContain('tbot_injector_ca_bundle_writes_total 1');
    expect(lines).toContain('tbot_injector_duty_failures_total{duty="certificates"} 1');
    state.isLeading = false;
    own.forget();
    const later = await samples(metrics);
    expect(later).toContain('tbot_injector_leader 0');
    expect(later.join()).not.toContain('expiry');
  });

  it('show a watch no longer that has ended', async () => {
    const metrics = createMetrics({ version: '1', countByNamespace: false });
    metrics.followWatch('secrets', { lastContact: 1_000, restarts: 1 });
    expect((await samples(metrics)).join()).toContain('secrets');
    metrics.unfollowWatch('secrets');
    expect((await samples(metrics)).join()).not.toContain('secrets');
  });

  it('of two sets do not meet', async () => {
    const [one, other] = [1, 2].map(() => createMetrics({ version: '1', countByNamespace: false }));
    one?.inFlight.inc();
    expect(other && (await samples(other))).toContain('tbot_injector_admissions_in_flight 0');
  });
});
