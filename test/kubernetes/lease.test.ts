import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  heldBy,
  isPastDeadline,
  LEASE_SETTINGS,
  nextStep,
  observe,
  released,
  type LeaseRecord,
  type ObservedLease,
} from '../../src/kubernetes/lease.ts';

const { durationMs, renewDeadlineMs, retryMs } = LEASE_SETTINGS;
const time = new Date('2026-01-01T00:00:00Z');
const other = heldBy('other', undefined, time);
const mine = heldBy('me', undefined, time);
const follower = { identity: 'me', renewedAt: undefined };
const leader = { identity: 'me', renewedAt: 1_000 };

describe('a read of the lease', () => {
  it.each<[string, LeaseRecord | undefined]>([
    ['there is none', undefined],
    ['it was handed over', released(other, time)],
    ['our own write arrived and its answer did not', mine],
  ])('acquires it where %s', (_why, record) => {
    expect(nextStep({ record, since: 0 }, follower, 0)).toEqual({ kind: 'acquire' });
  });

  it('follows the holder until its record has not changed for its duration', () => {
    const observed = { record: other, since: 500 };
    expect(nextStep(observed, follower, 499 + durationMs)).toEqual({ kind: 'follow', leader: 'other' });
    expect(nextStep(observed, follower, 500 + durationMs)).toEqual({ kind: 'acquire' });
  });

  it('counts from the moment of its own read, and ignores times in the record', () => {
    const longAgo = heldBy('other', undefined, new Date('1999-01-01T00:00:00Z'));
    const observed = observe(undefined, longAgo, 1_000);
    expect(nextStep(observed, follower, 2_000).kind).toBe('follow');
    expect(observe(observed, { ...longAgo }, 9_000).since).toBe(1_000);
    expect(observe(observed, heldBy('other', longAgo, time), 9_000).since).toBe(9_000);
  });

  it('does not wait for longer than a minute, even if a record asks for it', () => {
    for (const asked of [2 ** 31, -1, 0]) {
      const observed = { record: { ...other, durationMs: asked }, since: 0 };
      expect(nextStep(observed, follower, durationMs)).toEqual({ kind: 'acquire' });
    }
  });

  it('renews what is ours', () => {
    expect(nextStep({ record: mine, since: 0 }, leader, 2_000)).toEqual({ kind: 'renew' });
  });

  it('is lost if another replica holds it, or none', () => {
    for (const record of [other, undefined, released(mine, time)]) {
      expect(nextStep({ record, since: 0 }, leader, 2_000)).toEqual({ kind: 'lost', why: 'taken' });
    }
  });

  it('is lost after the renew deadline, though the record still names us', () => {
    const now = leader.renewedAt + renewDeadlineMs;
    expect(nextStep({ record: mine, since: 0 }, leader, now)).toEqual({ kind: 'lost', why: 'deadline' });
  });

  it('stops leading well before another replica may start', () => {
    expect(renewDeadlineMs + 2 * retryMs).toBeLessThan(durationMs);
  });
});

describe('a record', () => {
  it.each([2 ** 31 - 1, -5])('counts from 0 again after %d, which no replica has written', (transitions) => {
    const found = { holder: 'other', durationMs: 1, acquiredAt: '', renewedAt: '', transitions };
    expect(heldBy('me', found, new Date()).transitions).toBe(0);
  });

  it('counts transitions, and keeps the time of the acquisition while it is renewed', () => {
    const later = new Date('2026-01-01T01:00:00Z');
    const renewed = heldBy('other', other, later);
    expect(renewed).toMatchObject({ acquiredAt: other.acquiredAt, transitions: 0 });
    expect(heldBy('me', renewed, later)).toMatchObject({
      acquiredAt: later.toISOString(),
      transitions: 1,
    });
  });
});

/** Replicas in steps of 100 ms: each has a monotonic clock with a zero of its own, and may stand still for a while. */
interface Replica {
  readonly zero: number;
  observed: ObservedLease | undefined;
  renewedAt: number | undefined;
  pausedUntil: number;
  nextLook: number;
}

const TICK_MS = 200;
const pauses = fc.array(fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 500 }), fc.nat({ max: 300 })), {
  maxLength: 12,
});
const zeros = fc.tuple(fc.nat(), fc.nat(), fc.nat());

describe('three replicas', { timeout: 60_000 }, () => {
  it('never lead two at a time, for any difference of clocks and any pauses', () => {
    fc.assert(
      fc.property(zeros, pauses, (zero, drift) => {
        let record: LeaseRecord | undefined;
        let everLed = false;
        const replicas: Replica[] = zero.map((each) => ({
          zero: each,
          observed: undefined,
          renewedAt: undefined,
          pausedUntil: 0,
          nextLook: 0,
        }));
        for (let tick = 0; tick < 600; tick++) {
          const now = tick * TICK_MS;
          for (const [who, from, ticks] of drift) {
            const replica = replicas[who];
            if (from === tick && replica !== undefined) replica.pausedUntil = now + ticks * TICK_MS;
          }
          for (const [index, replica] of replicas.entries()) {
            if (now < replica.pausedUntil || now < replica.nextLook) continue;
            replica.nextLook = now + retryMs;
            record = takeStep(`replica-${index}`, replica, record, now);
          }
          const leading = replicas.filter(({ renewedAt, zero: own }) => {
            return renewedAt !== undefined && !isPastDeadline(renewedAt, now + own);
          });
          expect(leading.length).toBeLessThanOrEqual(1);
          everLed ||= leading.length === 1;
        }
        expect(everLed).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

/** What the elector does with a step, with writes that arrive at once. */
function takeStep(
  identity: string,
  replica: Replica,
  record: LeaseRecord | undefined,
  now: number,
): LeaseRecord | undefined {
  const own = now + replica.zero;
  replica.observed = observe(replica.observed, record, own);
  const step = nextStep(replica.observed, { identity, renewedAt: replica.renewedAt }, own);
  if (step.kind === 'lost') replica.renewedAt = undefined;
  if (step.kind === 'lost' || step.kind === 'follow') return record;
  replica.renewedAt = own;
  return heldBy(identity, record, new Date(now));
}
