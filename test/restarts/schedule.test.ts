import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dueRestarts,
  isTooSoon,
  MIN_BETWEEN_RESTARTS_MS,
  planRestart,
  type PlannedRestart,
} from '../../src/restarts/schedule.ts';
import { MIN_INTERVAL_MS, type RestartableWorkload } from '../../src/restarts/workload.ts';
import { HOUR, NOW, workload } from './objects.ts';

const MINUTE = 60_000;
/** The check is periodic, every 10 s, so two due restarts are never further apart than this. */
const SLOT = 40_000;
const ago = (hours: number): number => NOW - hours * HOUR;

const due = (createdAt: number, restartedAt?: number, ours?: number): number =>
  planRestart(workload({ createdAt, restartedAt, uid: '' }), 20 * HOUR, ours, NOW).dueAt;
/** The jitter of this uid. */
const EARLY = ago(0) + 20 * HOUR - due(ago(0));

describe('a restart is due', () => {
  it('an interval after the workload was created, at most a tenth of it earlier', () => {
    expect(EARLY).toBeGreaterThan(0);
    expect(EARLY).toBeLessThanOrEqual(2 * HOUR);
    expect(due(ago(5))).toBe(ago(-15) - EARLY);
  });

  it.each<[string, number, number | undefined, number | undefined, number]>([
    ['after the last restart', ago(90), ago(3), undefined, ago(3)],
    ['after ours, where a user removed its record', ago(90), undefined, ago(3), ago(3)],
    ['after ours, where a user restored an older record', ago(90), ago(40), ago(3), ago(3)],
    ['after a later one by a user', ago(90), ago(1), ago(3), ago(1)],
    ['after the creation from an older manifest', ago(2), ago(50), undefined, ago(2)],
    ['by a record that is slightly in the future', ago(90), NOW + MINUTE, undefined, NOW + MINUTE],
    ['without a record that is days in the future', ago(50), ago(-72), undefined, ago(50)],
  ])('%s', (_, createdAt, restartedAt, ours, from) => {
    expect(due(createdAt, restartedAt, ours)).toBe(from + 20 * HOUR - EARLY);
  });

  it('now where all known times are in the future', () => {
    expect(due(ago(-1), ago(-2), ago(-3))).toBe(-Infinity);
  });

  it('not later than the interval, and not within the shortest interval after the last restart', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.integer({ min: MIN_INTERVAL_MS, max: 3 * MIN_INTERVAL_MS }),
        fc.array(fc.integer({ min: -100, max: 5 }), { minLength: 3, maxLength: 3 }),
        (uid, interval, minutes) => {
          const [createdAt = 0, restartedAt, ours] = minutes.map((each) => NOW + each * MINUTE);
          const last = Math.max(createdAt, restartedAt ?? 0, ours ?? 0);
          const {
            dueAt: at,
            deadline: by,
            notBefore,
          } = planRestart(workload({ uid, createdAt, restartedAt }), interval, ours, NOW);
          expect(by - last).toBe(interval);
          expect(notBefore - last).toBe(MIN_INTERVAL_MS);
          expect(at - last).toBeLessThanOrEqual(interval);
          expect(at - last).toBeGreaterThanOrEqual(Math.max(MIN_INTERVAL_MS, interval * 0.9));
        },
      ),
    );
  });

  it('at different times for workloads rolled out together', () => {
    const times = Array.from(
      { length: 100 },
      (_, index) =>
        planRestart(workload({ uid: `uid-${index}`, createdAt: NOW }), 20 * HOUR, undefined, NOW).dueAt,
    );
    const inTenths = Map.groupBy(times, (at) => Math.floor((NOW + 20 * HOUR - at) / (HOUR / 5)));
    expect(inTenths.size).toBe(10);
  });
});

describe('a restart is too soon after the last one', () => {
  it.each<[string, number, boolean]>([
    ['within half a minute', NOW - MIN_BETWEEN_RESTARTS_MS + 1, true],
    ['but not after it', NOW - MIN_BETWEEN_RESTARTS_MS, false],
    ['where the clock was set back a little', NOW + MIN_BETWEEN_RESTARTS_MS - 1, true],
    ['but not where it was set back by more', NOW + MIN_BETWEEN_RESTARTS_MS, false],
  ])('%s', (_, last, expected) => {
    expect(isTooSoon(last, NOW)).toBe(expected);
  });
});

describe('of the due workloads', () => {
  const at = (
    name: string,
    time: number,
    changes: Partial<RestartableWorkload> & Partial<PlannedRestart> = {},
  ): PlannedRestart => {
    const { notBefore = -Infinity, deadline = time + HOUR, ...more } = changes;
    return { workload: workload({ name, uid: name, ...more }), dueAt: time, notBefore, deadline };
  };
  const names = (
    planned: readonly PlannedRestart[],
    lastTurns: Readonly<Record<string, number>> = {},
    backedOff: readonly string[] = [],
  ): string[] =>
    dueRestarts(
      planned,
      { lastTurns: new Map(Object.entries(lastTurns)), isBackedOff: (uid) => backedOff.includes(uid) },
      NOW,
    ).map(({ name }) => name);

  it('the most urgent of a namespace comes first, and those not due yet are left out', () => {
    const urgent = at('d', NOW, { deadline: ago(2) });
    expect(names([at('a', NOW), at('b', ago(1)), urgent, at('c', NOW + MINUTE), at('e', -Infinity)])).toEqual(
      ['e', 'd', 'b', 'a'],
    );
  });

  it.each([
    ['is paused', { isPaused: true }],
    ['has no pods', { hasNoPods: true }],
  ])('one that %s is left out, and takes no time from others', (_, changes) => {
    const soon = NOW + SLOT;
    expect(names([at('a', ago(1), changes), at('b', NOW)])).toEqual(['b']);
    const others = Array.from({ length: 9 }, (__, index) =>
      at(`idle-${index}`, ago(1), { ...changes, namespace: `idle-${index}` }),
    );
    expect(names([...others, at('b', soon, { deadline: soon + SLOT })])).toEqual([]);
  });

  it('one that is backed off is left out, and the next of its namespace has the turn', () => {
    const greedy = at('x', ago(9), { namespace: 'greedy' });
    expect(names([at('a', ago(2)), at('b', ago(1)), greedy], { greedy: 7 }, ['a'])).toEqual(['b', 'x']);
  });

  it('namespaces take turns, even where one is more urgent; the one with the oldest turn begins', () => {
    const of = (namespace: string, hours: number, ...all: string[]): PlannedRestart[] =>
      all.map((name, index) => at(name, ago(hours - index), { namespace }));
    const planned = [
      ...of('greedy', 9, 'g1', 'g2', 'g3'),
      ...of('late', 5, 'l1', 'l2'),
      ...of('good', 1, 'a'),
    ];
    expect(names(planned)).toEqual(['g1', 'l1', 'a', 'g2', 'l2', 'g3']);
    expect(names(planned, { greedy: 3, good: 2, late: 1 })).toEqual(['l1', 'a', 'g1', 'l2', 'g2', 'g3']);
  });

  it('some are earlier where all would be due at once, but none too early', () => {
    const soon = (name: string, notBefore = -Infinity): PlannedRestart => ({
      ...at(name, NOW + MINUTE),
      notBefore,
    });
    expect(names([soon('a')])).toEqual([]);
    expect(names([soon('a'), soon('b')])).toEqual([]);
    expect(names([soon('a'), soon('b'), soon('c')])).toEqual(['c']);
    expect(names([soon('a'), soon('b'), soon('c', NOW + 1)])).toEqual([]);
  });

  it('one is early enough for each other namespace to have its turn before', () => {
    const late = at('a', NOW + 2 * SLOT, { deadline: NOW + 2 * SLOT });
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

/**
 * The most hours from one restart to the next, by namespace. All workloads are created together, and each check comes as
 * late as possible.
 */
function longestWaits(fleets: readonly Fleet[], hours: number): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  const turns = new Map<string, number>();
  const result = new Map(fleets.map(({ namespace }) => [namespace, 0]));
  const all = fleets.flatMap(({ namespace, hours: every, count }) =>
    Array.from({ length: count }, (_, index) => {
      const uid = `${namespace}-${index}`;
      return { every, each: workload({ uid, namespace, createdAt: NOW, restartedAt: undefined }) };
    }),
  );
  for (let now = NOW + MIN_INTERVAL_MS; now < NOW + hours * HOUR; now += SLOT) {
    const planned = all.map(({ each, every }) => planRestart(each, every * HOUR, last.get(each.uid), now));
    const [first] = dueRestarts(planned, { lastTurns: turns, isBackedOff: () => false }, now);
    if (first === undefined) continue;
    const waited = (now - (last.get(first.uid) ?? NOW)) / HOUR;
    expect(waited).toBeGreaterThanOrEqual(MIN_INTERVAL_MS / HOUR);
    result.set(first.namespace, Math.max(result.get(first.namespace) ?? 0, waited));
    last.set(first.uid, now);
    turns.set(first.namespace, now);
  }
  for (const { each } of all) {
    const waits = hours - ((last.get(each.uid) ?? NOW) - NOW) / HOUR;
    result.set(each.namespace, Math.max(result.get(each.namespace) ?? 0, waits));
  }
  return result;
}

describe('no restart is late', () => {
  it.each([
    ['20h', 20, 720],
    ['13h', 13, 90],
  ])('at an interval of %s, where %d h - 12h has room for all %d', (_, hours, count) => {
    const fleet = { namespace: 'team', hours, count };
    expect(longestWaits([fleet], hours + 13).get('team')).toBeLessThanOrEqual(hours);
  });

  it('because another namespace has 1,500 at the shortest interval', () => {
    const waits = longestWaits(
      [
        { namespace: 'greedy', hours: 12, count: 1_500 },
        { namespace: 'good', hours: 20, count: 1 },
      ],
      33,
    );
    expect(waits.get('good')).toBeLessThanOrEqual(20);
  });

  it('in a namespace that needs no more than its share of the time, whatever others ask for', () => {
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
        expect(longestWaits(fleets, hours + 13).get('good')).toBeLessThanOrEqual(hours);
      }),
      { numRuns: 6 },
    );
  });
});
