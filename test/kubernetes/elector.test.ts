import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { CLOCKS } from '../../src/kubernetes/clocks.ts';
import { runElector, type ElectionReport, type Leadership } from '../../src/kubernetes/elector.ts';
import { KubernetesError } from '../../src/kubernetes/error.ts';
import type { LeaseRecord } from '../../src/kubernetes/lease.ts';
import type { LeaseStore } from '../../src/kubernetes/lease-store.ts';
import { eventually } from '../cluster/harness/eventually.ts';

/** Short for a test, and long enough for a busy machine. */
const settings = { durationMs: 3_000, renewDeadlineMs: 2_000, retryMs: 100 };

/** One Lease in memory; `fault` is asked before each call. */
class MemoryLease implements LeaseStore {
  record: LeaseRecord | undefined;
  version = 0;
  fault: () => Promise<void> = () => Promise.resolve();

  async read() {
    await this.fault();
    return { record: this.record, version: String(this.version) };
  }

  async write(record: LeaseRecord, version: string | undefined) {
    await this.fault();
    if (version !== String(this.version)) throw new KubernetesError('conflict', 'another writer was faster');
    this.record = record;
    this.version++;
    return { record, version: String(this.version) };
  }
}

/** One replica, which leads until its term ends. */
function replica(store: LeaseStore, identity: string, clocks = CLOCKS) {
  const stopping = new AbortController();
  const reports: ElectionReport[] = [];
  const terms: Leadership[] = [];
  const done = runElector({
    store,
    identity,
    settings,
    clocks,
    stop: stopping.signal,
    lead: async (leadership) => {
      terms.push(leadership);
      await new Promise((resolve) => {
        leadership.signal.addEventListener('abort', resolve);
      });
    },
    onReport: (report) => reports.push(report),
  });
  return {
    terms,
    kinds: () => reports.map(({ kind }) => kind),
    reports,
    leads: () => terms.at(-1)?.holds() === true,
    stop: async () => {
      stopping.abort();
      await done;
    },
  };
}

const until = (what: string, holds: () => boolean) =>
  eventually(what, () => holds() || undefined, { everyMs: 5 });

describe.concurrent('an elector', { timeout: 30_000 }, () => {
  it('leads if no other does, renews, and hands over when it is stopped', async () => {
    const store = new MemoryLease();
    const first = replica(store, 'first');
    await until('first leads', first.leads);
    const second = replica(store, 'second');
    await until('second follows', () => second.kinds().includes('follows'));
    await sleep(settings.durationMs + 500);
    expect([first.leads(), second.leads()]).toEqual([true, false]);
    await first.stop();
    expect(first.terms.at(-1)?.signal.aborted).toBe(true);
    expect(first.kinds().at(-1)).toBe('released');
    await until('second leads', second.leads);
    expect(store.record).toMatchObject({ holder: 'second', transitions: 1 });
    await second.stop();
  });

  it('takes over from a silent leader after the lease has expired', async () => {
    const store = new MemoryLease();
    store.record = {
      holder: 'dead',
      durationMs: settings.durationMs,
      acquiredAt: '',
      renewedAt: '2099-01-01T00:00:00Z',
      transitions: 7,
    };
    const start = performance.now();
    const successor = replica(store, 'successor');
    await until('the successor leads', successor.leads);
    expect(performance.now() - start).toBeGreaterThanOrEqual(settings.durationMs);
    expect(store.record).toMatchObject({ holder: 'successor', transitions: 8 });
    await successor.stop();
  });

  it('stops leading when it cannot renew, and leads again when it can', async () => {
    const store = new MemoryLease();
    const only = replica(store, 'only');
    await until('it leads', only.leads);
    store.fault = () => Promise.reject(new KubernetesError('unreachable', 'no connection'));
    await until('it has stopped', () => !only.leads());
    await until('its work has ended', () => only.terms[0]?.signal.aborted === true);
    expect(only.kinds()).toContain('failed');
    store.fault = () => Promise.resolve();
    await until('it leads again', only.leads);
    expect(only.terms.length).toBeGreaterThan(1);
    await only.stop();
  });

  it('stops leading in time even if the renewal hangs', async () => {
    const store = new MemoryLease();
    const only = replica(store, 'only');
    await until('it leads', only.leads);
    const hanging = Promise.withResolvers<undefined>();
    store.fault = () => hanging.promise.then(() => undefined);
    await until('its work has ended', () => only.terms[0]?.signal.aborted === true);
    hanging.resolve(undefined);
    store.fault = () => Promise.resolve();
    await until('it leads again', only.leads);
    expect(only.reports).toContainEqual({ kind: 'lost', why: 'deadline' });
    await only.stop();
  });

  it('ends its term after the machine has slept, even if its own clock stood still', async () => {
    const clocks = { wall: 0, now: () => Date.now() + clocks.wall, monotonic: CLOCKS.monotonic };
    const only = replica(new MemoryLease(), 'only', clocks);
    await until('it leads', only.leads);
    const [term] = only.terms;
    clocks.wall += 3_600_000;
    expect(term?.holds()).toBe(false);
    await until('it leads again', () => only.terms.length > 1 && only.leads());
    await only.stop();
  });

  it('ends its work when another one has taken the lease', async () => {
    const store = new MemoryLease();
    const first = replica(store, 'first');
    await until('first leads', first.leads);
    const taken = store.record;
    if (taken === undefined) throw new Error('there is no record');
    store.record = { ...taken, holder: 'second' };
    store.version++;
    await until('first has stopped', () => first.terms[0]?.signal.aborted === true);
    await until('it says so', () => first.kinds().includes('lost'));
    expect(first.reports).toContainEqual({ kind: 'lost', why: 'taken' });
    await first.stop();
    expect(store.record.holder).toBe('second');
  });

  it('begins its work again if it ends by itself', async () => {
    let runs = 0;
    const stopping = new AbortController();
    const reports: ElectionReport[] = [];
    const done = runElector({
      store: new MemoryLease(),
      identity: 'me',
      settings,
      stop: stopping.signal,
      lead: () => {
        runs++;
        return Promise.reject(new Error('a bug'));
      },
      onReport: (report) => reports.push(report),
    });
    await until('it has run thrice', () => runs >= 3);
    stopping.abort();
    await done;
    expect(reports).toContainEqual({ kind: 'failed', error: new Error('a bug') });
  });
});
