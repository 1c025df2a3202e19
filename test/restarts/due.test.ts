import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BETWEEN_RESTARTS_MS, dueOf, whatIsDue } from '../../src/restarts/due.ts';
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
          const { at } = dueOf(workload({ uid, createdAt, restartedAt }), interval, ours, NOW);
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

describe('of what is due', () => {
  const at = (name: string, time: number, changes = {}) => ({
    workload: workload({ name, ...changes }),
    at: time,
    notBefore: -Infinity,
  });
  const names = (
    dues: Parameters<typeof whatIsDue>[0],
    restarts: Parameters<typeof whatIsDue>[1] = [],
  ): string[] => whatIsDue(dues, restarts, NOW).map(({ name }) => name);

  it('the most overdue is the first, and what is not due yet is left', () => {
    expect(
      names([at('a', NOW), at('b', ago(2)), at('c', NOW + 1), at('d', ago(1)), at('e', -Infinity)]),
    ).toEqual(['e', 'b', 'd', 'a']);
  });

  it('one that is paused is left alone', () => {
    expect(names([at('a', ago(1), { isPaused: true }), at('b', NOW)])).toEqual(['b']);
  });

  it.each<[string, number, boolean]>([
    ['nothing right after a restart', NOW - BETWEEN_RESTARTS_MS + 1, false],
    ['nothing right after one that another clock has timed', NOW + MINUTE, false],
    ['all after half a minute', NOW - BETWEEN_RESTARTS_MS, true],
    ['all where the record of one is from a clock that was wrong', ago(-1), true],
  ])('%s', (_, restart, isDue) => {
    expect(names([at('a', ago(1))], [undefined, restart])).toEqual(isDue ? ['a'] : []);
  });

  it('some begin earlier where all would be due at once, but none too early', () => {
    const soon = (name: string, notBefore = -Infinity) => ({ ...at(name, NOW + MINUTE), notBefore });
    expect(names([soon('a')])).toEqual([]);
    expect(names([soon('a'), soon('b')])).toEqual([]);
    expect(names([soon('a'), soon('b'), soon('c')])).toEqual(['c']);
    expect(names([soon('a'), soon('b'), soon('c', NOW + 1)])).toEqual([]);
  });

  it.each([
    ['20h', 20, 700],
    ['13h', 13, 89],
  ])('that asks for %s none is late, if %d h - 12h has room for all %d', (_, hours, count) => {
    const restarted = new Map<string, number>();
    const made = Array.from({ length: count }, (__, index) =>
      workload({ uid: `uid-${index}`, createdAt: NOW, restartedAt: undefined }),
    );
    let last = -Infinity;
    for (let now = NOW; restarted.size < count; now += 10_000) {
      const dues = made
        .filter(({ uid }) => !restarted.has(uid))
        .map((each) => dueOf(each, hours * HOUR, undefined, now));
      const [first] = now - NOW < LEAST_INTERVAL_MS ? [] : whatIsDue(dues, [last], now);
      if (first === undefined) continue;
      restarted.set(first.uid, now);
      last = now;
    }
    const waited = [...restarted.values()].map((time) => time - NOW);
    expect(Math.min(...waited)).toBeGreaterThanOrEqual(LEAST_INTERVAL_MS);
    expect(Math.max(...waited)).toBeLessThanOrEqual(hours * HOUR);
  });
});
