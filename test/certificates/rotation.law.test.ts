import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isValid } from '../../src/certificates/validity.ts';
import { RotationWorld } from './rotation-world.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** More steps than any history needs between two rests: a loop is a fault as well. */
const MAX_STEPS = 12;

type Event = (world: RotationWorld) => void;

const named = (name: string, event: Event): fc.Arbitrary<Event> =>
  fc.constant(Object.assign(event, { toString: () => name }));

const killedRun = fc.integer({ min: 0, max: 10 }).map((writes) =>
  Object.assign(
    (world: RotationWorld) => {
      runSteps(world, writes);
      world.forgetMemory();
    },
    { toString: () => `run killed after ${writes} writes` },
  ),
);

const wholeRun = named('run', (world) => {
  runSteps(world);
});

const elapse = fc
  .oneof(fc.constant(MINUTE), fc.constant(11 * MINUTE), fc.integer({ min: MINUTE, max: 40 * DAY }))
  .map((ms) =>
    Object.assign(
      (world: RotationWorld) => {
        world.elapse(ms);
      },
      { toString: () => `${(ms / DAY).toFixed(3)} days pass` },
    ),
  );

const jump = (...days: readonly number[]): fc.Arbitrary<Event> =>
  fc.constantFrom(...days).map((by) =>
    Object.assign(
      (world: RotationWorld) => {
        world.now += by * DAY;
      },
      { toString: () => `the clock jumps by ${by} days` },
    ),
  );

const fault = fc.oneof(
  named('the CA Secret is deleted', (world) => {
    world.authority = undefined;
  }),
  named('the CA loses its key', (world) => {
    const { authority } = world;
    if (authority !== undefined)
      world.authority = { ...authority, signing: { ...authority.signing, hasKey: false } };
  }),
  named('the CA loses its certificate', (world) => {
    const { authority } = world;
    if (authority === undefined) return;
    world.authority = {
      ...authority,
      signing: { ...authority.signing, hasCertificate: false, hasKey: false },
    };
  }),
  named('the next CA is lost', (world) => {
    if (world.authority !== undefined) world.authority = { ...world.authority, next: undefined };
  }),
  named('the record is garbage', (world) => {
    if (world.authority !== undefined) world.authority = { ...world.authority, record: undefined };
  }),
  named('an older CA Secret comes back', (world) => {
    world.authority = world.backups.at(-3) ?? world.authority;
  }),
  named('the serving Secret is deleted', (world) => {
    world.leaf = undefined;
    world.servingBundle = undefined;
  }),
  named('the leaf is garbage', (world) => {
    world.leaf = undefined;
  }),
  named('the bundle beside the leaf is garbage', (world) => {
    world.servingBundle = undefined;
  }),
  named('an entry is emptied', (world) => {
    if (world.entries.length > 0) world.entries[0] = undefined;
  }),
  named('an entry trusts only a foreign CA', (world) => {
    world.cas.set('99999999-foreign', foreign);
    if (world.entries.length > 1) world.entries[1] = ['99999999-foreign'];
  }),
  named('an entry is added', (world) => {
    if (world.entries.length < 4) world.entries.push(undefined);
  }),
  named('all entries are deleted', (world) => {
    world.entries = [];
  }),
);
const foreign = {
  id: '99999999-foreign',
  notBefore: new Date('2020-01-01T00:00:00Z'),
  notAfter: new Date('2040-01-01T00:00:00Z'),
};

const harm = fault.map((event) =>
  Object.assign(
    (world: RotationWorld) => {
      event(world);
      world.noteLost();
    },
    { toString: () => event.toString() },
  ),
);

const podEvent = fc.nat({ max: 1 }).map((pod) =>
  Object.assign(
    (world: RotationWorld) => {
      world.refreshPod(pod);
    },
    { toString: () => `pod ${pod} loads what is stored` },
  ),
);

const historyWith = (jumps: fc.Arbitrary<Event>): fc.Arbitrary<Event[]> =>
  fc.array(
    fc.oneof(
      { weight: 5, arbitrary: wholeRun },
      { weight: 3, arbitrary: killedRun },
      { weight: 4, arbitrary: elapse },
      { weight: 2, arbitrary: jumps },
      { weight: 3, arbitrary: harm },
      { weight: 2, arbitrary: podEvent },
    ),
    { minLength: 5, maxLength: 60 },
  );

const anyHistory = historyWith(jump(-400, -100, -1, -2 / 24, 2 / 24, 1, 100, 400));
const forwardHistory = historyWith(jump(2 / 24, 1, 100, 400));

const orderlyHistory = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: wholeRun },
    { weight: 1, arbitrary: killedRun },
    { weight: 6, arbitrary: elapse },
    { weight: 2, arbitrary: podEvent },
  ),
  { minLength: 60, maxLength: 160 },
);

/** Runs steps until there is none, or until the controller is killed. Checks the law after each write. */
function runSteps(world: RotationWorld, writes = Infinity): 'rest' | 'settle' | 'killed' {
  for (let written = 0; written < MAX_STEPS; written++) {
    const step = world.step();
    if (step.kind === 'rest' || step.kind === 'settle') {
      expectServing(world);
      return step.kind;
    }
    if (written >= writes) return 'killed';
    const before = { leaves: world.livingLeaves(), entries: [...world.entries] };
    world.apply(step);
    for (const leaf of before.leaves.filter(({ signedBy }) => !world.lost.has(signedBy))) {
      before.entries.forEach((entry, index) => {
        const kept = !world.trusts(entry, leaf) || world.trusts(world.entries[index], leaf);
        expect(kept, `${step.kind} takes trust from ${leaf.id}`).toBe(true);
      });
    }
  }
  throw new Error(`no rest after ${MAX_STEPS} steps: ${JSON.stringify(world.step())}`);
}

/** After a whole run, the stored leaf can serve now, and every entry trusts it and the leaves that pods still serve. */
function expectServing(world: RotationWorld): void {
  const leaf = world.leaves.get(world.leaf ?? '');
  expect(leaf !== undefined && isValid(leaf, world.date), 'a leaf that serves now is stored').toBe(true);
  for (const living of world.livingLeaves().filter(({ signedBy }) => !world.lost.has(signedBy))) {
    for (const entry of world.entries) {
      expect(world.trusts(entry, living), `every entry trusts ${living.id}`).toBe(true);
    }
  }
}

describe('a rotation', { timeout: 120_000 }, () => {
  it('never fails a leaf that is served, after any event, and serves again after one run', () => {
    fc.assert(
      fc.property(anyHistory, (events) => {
        const world = new RotationWorld();
        for (const event of events) event(world);
        runSteps(world);
      }),
      { numRuns: 3_000 },
    );
  });

  it('never fails a leaf while it is valid, even on nodes that get no newer one', () => {
    fc.assert(
      fc.property(forwardHistory, (events) => {
        const world = new RotationWorld();
        world.arePodsCutOff = true;
        for (const event of events) event(world);
        runSteps(world);
      }),
      { numRuns: 3_000 },
    );
  });

  it('never fails such a leaf over years of orderly rolls', () => {
    fc.assert(
      fc.property(orderlyHistory, (events) => {
        const world = new RotationWorld();
        world.arePodsCutOff = true;
        for (const event of events) event(world);
        runSteps(world);
      }),
      { numRuns: 1_000 },
    );
  });

  it('comes to rest with one CA that signs and one leaf of it', () => {
    fc.assert(
      fc.property(anyHistory, (events) => {
        const world = new RotationWorld();
        for (const event of events) event(world);
        let end = runSteps(world);
        for (let round = 0; round < 8 && end !== 'rest'; round++) {
          world.elapse(11 * MINUTE);
          end = runSteps(world);
        }
        expect(end).toBe('rest');
        expect(world.leaves.get(world.leaf ?? '')?.signedBy).toBe(world.authority?.signing.id);
        expect(world.authority?.next).toBeUndefined();
        // Two months later, the only other CAs still trusted are those that may have valid leaves.
        world.elapse(60 * DAY);
        for (let round = 0; round < 8; round++) {
          runSteps(world);
          world.elapse(11 * MINUTE);
        }
        expect(runSteps(world)).toBe('rest');
        for (const { notAfter, leavesUntil } of world.facts().retired) {
          expect(Math.min(notAfter.getTime(), leavesUntil.getTime())).toBeGreaterThan(world.now);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
