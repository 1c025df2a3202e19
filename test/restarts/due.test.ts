import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dueOf } from '../../src/restarts/due.ts';
import { LEAST_INTERVAL_MS } from '../../src/restarts/interval.ts';
import { HOUR, NOW, workload } from './objects.ts';

const MINUTE = 60_000;
const ago = (hours: number): number => NOW - hours * HOUR;
const due = (createdAt: number, restartedAt?: number, ours?: number): number =>
  dueOf(workload({ createdAt, restartedAt, uid: '' }), 20 * HOUR, ours, NOW).at;
/** What the jitter of this uid takes away. */
const EARLY = ago(0) + 20 * HOUR - due(ago(0));

describe('a restart is due', () => {
  it('an interval after the workload was made, at most a tenth of it earlier', () => {
    expect(EARLY).toBeGreaterThan(0);
    expect(EARLY).toBeLessThanOrEqual(2 * HOUR);
    expect(due(ago(5))).toBe(ago(-15) - EARLY);
  });

  it.each<[string, number, number | undefined, number | undefined, number]>([
    ['after the last restart', ago(90), ago(3), undefined, ago(3)],
    ['after ours, where somebody took its record away', ago(90), undefined, ago(3), ago(3)],
    ['after ours, where somebody put an older record back', ago(90), ago(40), ago(3), ago(3)],
    ['after the one by hand that followed ours', ago(90), ago(1), ago(3), ago(1)],
    ['after it was made from an older manifest', ago(2), ago(50), undefined, ago(2)],
    ['as if a clock that is a little ahead were right', ago(90), NOW + MINUTE, undefined, NOW + MINUTE],
    ['in spite of a record that is days ahead', ago(50), ago(-72), undefined, ago(50)],
  ])('%s', (_, createdAt, restartedAt, ours, from) => {
    expect(due(createdAt, restartedAt, ours)).toBe(from + 20 * HOUR - EARLY);
  });

  it('now where every time that is known is ahead', () => {
    expect(due(ago(-1), ago(-2), ago(-3))).toBe(-Infinity);
  });

  it('never later than the interval, and never within the least of the last restart', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.integer({ min: LEAST_INTERVAL_MS, max: 3 * LEAST_INTERVAL_MS }),
        fc.array(fc.integer({ min: -100, max: 5 }), { minLength: 3, maxLength: 3 }),
        (uid, interval, minutes) => {
          const [createdAt = 0, restartedAt, ours] = minutes.map((each) => NOW + each * MINUTE);
          const last = Math.max(createdAt, restartedAt ?? 0, ours ?? 0);
          const { at, by, notBefore } = dueOf(workload({ uid, createdAt, restartedAt }), interval, ours, NOW);
          expect(by - last).toBe(interval);
          expect(notBefore - last).toBe(LEAST_INTERVAL_MS);
          expect(at - last).toBeLessThanOrEqual(interval);
          expect(at - last).toBeGreaterThanOrEqual(Math.max(LEAST_INTERVAL_MS, interval * 0.9));
        },
      ),
    );
  });

  it('at other times for what was rolled out together', () => {
    const times = Array.from(
      { length: 100 },
      (_, index) => dueOf(workload({ uid: `uid-${index}`, createdAt: NOW }), 20 * HOUR, undefined, NOW).at,
    );
    const inTenths = Map.groupBy(times, (at) => Math.floor((NOW + 20 * HOUR - at) / (HOUR / 5)));
    expect(inTenths.size).toBe(10);
  });
});
