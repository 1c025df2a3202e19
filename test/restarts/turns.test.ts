import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dueOf, type Due } from '../../src/restarts/due.ts';
import { LEAST_INTERVAL_MS } from '../../src/restarts/interval.ts';
import { BETWEEN_RESTARTS_MS, isTooSoon, whatIsDue } from '../../src/restarts/turns.ts';
import type { RestartableWorkload } from '../../src/restarts/workload.ts';
import { HOUR, NOW, workload } from './objects.ts';

const MINUTE = 60_000;
/** A look comes every 10 s, so that two restarts are never further apart than this. */
const SLOT = 40_000;

describe('restarts are apart', () => {
  it.each<[string, number, boolean]>([
    ['by half a minute', NOW - BETWEEN_RESTARTS_MS + 1, true],
    ['and no longer', NOW - BETWEEN_RESTARTS_MS, false],
    ['where the clock was set back a little', NOW + BETWEEN_RESTARTS_MS - 1, true],
    ['but nobody waits for a clock that was set back by more', NOW + BETWEEN_RESTARTS_MS, false],
  ])('%s', (_, last, expected) => {
    expect(isTooSoon(last, NOW)).toBe(expected);
  });
});

describe('of what is due', () => {
  const at = (name: string, time: number, changes: Partial<RestartableWorkload> & Partial<Due> = {}): Due => {
    const { notBefore = -Infinity, by = time + HOUR, ...more } = changes;
    return { workload: workload({ name, uid: name, ...more }), at: time, notBefore, by };
  };
  const names = (
    dues: readonly Due[],
    of: Readonly<Record<string, number>> = {},
    resting: readonly string[] = [],
  ): string[] =>
    whatIsDue(dues, { of: new Map(Object.entries(of)), rests: (uid) => resting.includes(uid) }, NOW).map(
      ({ name }) => name,
    );
  const ago = (hours: number): number => NOW - hours * HOUR;

  it('the most urgent of a namespace is the first, and what is not due yet is left', () => {
    const urgent = at('d', NOW, { by: ago(2) });
    expect(names([at('a', NOW), at('b', ago(1)), urgent, at('c', NOW + MINUTE), at('e', -Infinity)])).toEqual(
      ['e', 'd', 'b', 'a'],
    );
  });

  it.each([
    ['is paused', { isPaused: true }],
    ['has no pods', { hasNoPods: true }],
  ])('one that %s is left alone, and takes nobody any time', (_, changes) => {
    const soon = NOW + SLOT;
    expect(names([at('a', ago(1), changes), at('b', NOW)])).toEqual(['b']);
    const others = Array.from({ length: 9 }, (__, index) =>
      at(`idle-${index}`, ago(1), { ...changes, namespace: `idle-${index}` }),
    );
    expect(names([...others, at('b', soon, { by: soon + SLOT })])).toEqual([]);
  });

  it('one that was refused rests, and the next of its namespace has the turn', () => {
    const greedy = at('x', ago(9), { namespace: 'greedy' });
    expect(names([at('a', ago(2)), at('b', ago(1)), greedy], { greedy: 7 }, ['a'])).toEqual(['b', 'x']);
  });

  it('namespaces take turns, whoever is the more urgent; the one that waits for the longest begins', () => {
    const of = (namespace: string, hours: number, ...all: string[]): Due[] =>
      all.map((name, index) => at(name, ago(hours - index), { namespace }));
    const dues = [...of('greedy', 9, 'g1', 'g2', 'g3'), ...of('late', 5, 'l1', 'l2'), ...of('good', 1, 'a')];
    expect(names(dues)).toEqual(['g1', 'l1', 'a', 'g2', 'l2', 'g3']);
    expect(names(dues, { greedy: 3, good: 2, late: 1 })).toEqual(['l1', 'a', 'g1', 'l2', 'g2', 'g3']);
  });

  it('some begin earlier where all would be due at once, but none too early', () => {
    const soon = (name: string, notBefore = -Infinity): Due => ({ ...at(name, NOW + MINUTE), notBefore });
    expect(names([soon('a')])).toEqual([]);
    expect(names([soon('a'), soon('b')])).toEqual([]);
    expect(names([soon('a'), soon('b'), soon('c')])).toEqual(['c']);
    expect(names([soon('a'), soon('b'), soon('c', NOW + 1)])).toEqual([]);
  });

  it('one begins so early that each of the others can have its turn before', () => {
    const late = at('a', NOW + 2 * SLOT, { by: NOW + 2 * SLOT });
    const others = ['b', 'c'].map((name) => at(name, NOW + HOUR, { namespace: name }));
    expect(names([late])).toEqual([]);
    expect(names([late, ...others])).toEqual(['a']);
  });
});

interface Fleet {
  readonly namespace: string;
  readonly hours: number;
  readonly count: number;
}

/** Hours from one restart to the next, at most, by namespace; all begin together, and each look comes as late as it may. */
function longest(fleets: readonly Fleet[], hours: number): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  const turns = new Map<string, number>();
  const result = new Map(fleets.map(({ namespace }) => [namespace, 0]));
  const all = fleets.flatMap(({ namespace, hours: every, count }) =>
    Array.from({ length: count }, (_, index) => {
      const uid = `${namespace}-${index}`;
      return { every, each: workload({ uid, namespace, createdAt: NOW, restartedAt: undefined }) };
    }),
  );
  // When one is due changes with its restart alone.
  const dues = all.map(({ each, every }) => dueOf(each, every * HOUR, undefined, NOW));
  for (let now = NOW + LEAST_INTERVAL_MS; now < NOW + hours * HOUR; now += SLOT) {
    const [first] = whatIsDue(dues, { of: turns, rests: () => false }, now);
    if (first === undefined) continue;
    const waited = (now - (last.get(first.uid) ?? NOW)) / HOUR;
    expect(waited).toBeGreaterThanOrEqual(LEAST_INTERVAL_MS / HOUR);
    result.set(first.namespace, Math.max(result.get(first.namespace) ?? 0, waited));
    last.set(first.uid, now);
    turns.set(first.namespace, now);
    const index = all.findIndex(({ each }) => each === first);
    const { each, every } = all[index] as (typeof all)[number];
    dues[index] = dueOf(each, every * HOUR, now, now);
  }
  for (const { each } of all) {
    const waits = hours - ((last.get(each.uid) ?? NOW) - NOW) / HOUR;
    result.set(each.namespace, Math.max(result.get(each.namespace) ?? 0, waits));
  }
  return result;
}

describe('none is late', () => {
  it.each([
    ['20h', 20, 720],
    ['13h', 13, 90],
  ])('of those that ask for %s, if %d h - 12h has room for all %d', (_, hours, count) => {
    const fleet = { namespace: 'team', hours, count };
    expect(longest([fleet], hours + 13).get('team')).toBeLessThanOrEqual(hours);
  });

  it('because another namespace has 1,500 at the least interval', () => {
    const waits = longest(
      [
        { namespace: 'greedy', hours: 12, count: 1_500 },
        { namespace: 'good', hours: 20, count: 1 },
      ],
      33,
    );
    expect(waits.get('good')).toBeLessThanOrEqual(20);
  });

  it('of a namespace that has no more than its part of the time, whatever others ask for', () => {
    const others = fc.array(
      fc.record({ hours: fc.integer({ min: 12, max: 23 }), count: fc.integer({ min: 1, max: 200 }) }),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(others, fc.integer({ min: 13, max: 23 }), (greedy, hours) => {
        const count = Math.floor(((hours - 12) * 90) / (greedy.length + 1));
        const fleets = [
          ...greedy.map((each, index) => ({ ...each, namespace: `greedy-${index}` })),
          { namespace: 'good', hours, count },
        ];
        expect(longest(fleets, hours + 13).get('good')).toBeLessThanOrEqual(hours);
      }),
      { numRuns: 6 },
    );
  });
});
