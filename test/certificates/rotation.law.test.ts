import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isValid } from '../../src/certificates/renewal.ts';
import { RotationWorld } from './rotation-world.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** More steps than any history needs between two rests: a loop would be a fault of its own. */
const MOST_STEPS = 12;

type Event = (world: RotationWorld) => void;

const named = (name: string, event: Event): fc.Arbitrary<Event> =>
  fc.constant(Object.assign(event, { toString: () => name }));

const pass = fc.integer({ min: 0, max: 10 }).map((writes) =>
  Object.assign(
    (world: RotationWorld) => {
      runPass(world, writes);
      world.forgetMemory();
    },
    { toString: () => `pass killed after ${writes} writes` },
  ),
);

const wholePass = named('pass', (world) => {
  runPass(world);
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
    world.companion = undefined;
  }),
  named('the leaf is garbage', (world) => {
    world.leaf = undefined;
  }),
  named('the companion is garbage', (world) => {
    world.companion = undefined;
  }),
  named('an entry is emptied', (world) => {
    if (world.entries.length > 0) world.entries[0] = undefined;
  }),
  named('an entry trusts only somebody else', (world) => {
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
    { toString: () => `pod ${pod} takes what is stored` },
  ),
);

const historyWith = (jumps: fc.Arbitrary<Event>): fc.Arbitrary<Event[]> =>
  fc.array(
    fc.oneof(
      { weight: 5, arbitrary: wholePass },
      { weight: 3, arbitrary: pass },
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
    { weight: 6, arbitrary: wholePass },
    { weight: 1, arbitrary: pass },
    { weight: 6, arbitrary: elapse },
    { weight: 2, arbitrary: podEvent },
  ),
  { minLength: 60, maxLength: 160 },
);

/** Runs steps until there is none, or until the controller is killed; holds each write to the law. */
function runPass(world: RotationWorld, writes = Infinity): 'rest' | 'settle' | 'killed' {
  for (let written = 0; written < MOST_STEPS; written++) {
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
  throw new Error(`no rest after ${MOST_STEPS} steps: ${JSON.stringify(world.step())}`);
}

/** After a whole pass a leaf is stored that serves now, and every entry trusts it and whatever pods still serve. */
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
  it('never fails a leaf that is served, whatever happens, and serves again after one pass', () => {
    fc.assert(
      fc.property(anyHistory, (events) => {
        const world = new RotationWorld();
        for (const event of events) event(world);
        runPass(world);
      }),
      { numRuns: 3_000 },
    );
  });

  it('never fails a leaf for as long as it lives, on nodes too that hear of no newer one', () => {
    fc.assert(
      fc.property(forwardHistory, (events) => {
        const world = new RotationWorld();
        world.arePodsCutOff = true;
        for (const event of events) event(world);
        runPass(world);
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
        runPass(world);
      }),
      { numRuns: 1_000 },
    );
  });

  it('comes to rest with one CA that signs and one leaf of it', () => {
    fc.assert(
      fc.property(anyHistory, (events) => {
        const world = new RotationWorld();
        for (const event of events) event(world);
        let end = runPass(world);
        for (let round = 0; round < 8 && end !== 'rest'; round++) {
          world.elapse(11 * MINUTE);
          end = runPass(world);
        }
        expect(end).toBe('rest');
        expect(world.leaves.get(world.leaf ?? '')?.signedBy).toBe(world.authority?.signing.id);
        expect(world.authority?.next).toBeUndefined();
        // Two months later only such CAs are still trusted beside it as may have living leaves.
        world.elapse(60 * DAY);
        for (let round = 0; round < 8; round++) {
          runPass(world);
          world.elapse(11 * MINUTE);
        }
        expect(runPass(world)).toBe('rest');
        for (const { notAfter, leavesUntil } of world.facts().retired) {
          expect(Math.min(notAfter.getTime(), leavesUntil.getTime())).toBeGreaterThan(world.now);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
