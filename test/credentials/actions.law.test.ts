import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planActions, nextDeadline, type Action } from '../../src/credentials/actions.ts';
import type { ObservedObjects } from '../../src/credentials/observed.ts';
import { validateDestination, type InvalidReason } from '../../src/credentials/validation.ts';
import type { DesiredState } from '../../src/credentials/desired-state.ts';
import { arbitraryDesiredState, arbitraryWorld, type World } from './arbitrary-world.ts';
import { perform } from './model.ts';
import { GRACE_MS, expectedBinding, LOST, NOW } from './objects.ts';

const plan = (desired: DesiredState, observed: ObservedObjects, now: number): readonly Action[] =>
  planActions(desired, observed, now, { graceMs: GRACE_MS, expectedBinding });

/** Reconciles until no action is left: once, and once more for replaced objects. */
function settle({ desired, observed }: World, now = NOW): ObservedObjects {
  const once = perform(observed, plan(desired, observed, now), now);
  return perform(once, plan(desired, once, now), now);
}

function always(law: (world: World) => void): void {
  fc.assert(fc.property(arbitraryWorld, law), { numRuns: 1000 });
}

/** Objects of ours that are not being deleted. */
function oursIn({ secrets, bindings }: ObservedObjects): readonly object[] {
  return [
    ...[...secrets.values()].filter(({ bot, isMadeByUs }) => bot !== undefined && isMadeByUs),
    ...[...bindings].flatMap(([bot, object]) => (object.bot === bot ? [object] : [])),
  ].filter(({ isDeleting }) => !isDeleting);
}

function everything({ secrets, bindings }: ObservedObjects): readonly object[] {
  return [...secrets.values(), ...bindings.values()];
}

/** The object that an action would change or delete, if it exists. */
function target(action: Action, { secrets, bindings }: ObservedObjects): object | undefined {
  if (action.kind === 'apply-secret') return secrets.get(action.destination.secretName);
  return action.kind === 'apply-binding' ? bindings.get(action.bot) : action.object;
}

describe('for every desired state and every observed state', () => {
  it('no action is left after the actions are done', () => {
    always((world) => {
      expect(plan(world.desired, settle(world), NOW)).toEqual([]);
    });
  });

  it('one reconcile is enough where nothing is replaced', () => {
    always(({ desired, observed }) => {
      const actions = plan(desired, observed, NOW);
      fc.pre(!actions.some((action) => action.kind === 'delete' && action.reason === 'replaced'));
      expect(plan(desired, perform(observed, actions, NOW), NOW)).toEqual([]);
    });
  });

  it('no action changes an object that is not ours or that is being deleted', () => {
    always(({ desired, observed }) => {
      const ours = new Set(oursIn(observed));
      for (const action of plan(desired, observed, NOW)) {
        const object = target(action, observed);
        if (object !== undefined) expect(ours).toContain(object);
      }
    });
  });

  it('an action applies only what the desired state has, and marks orphans only without the label', () => {
    always(({ desired, observed }) => {
      for (const action of plan(desired, observed, NOW)) {
        if (action.kind === 'apply-secret') expect(desired.destinations).toContain(action.destination);
        if (action.kind === 'apply-binding') {
          expect(desired.destinations.map(({ bot }) => bot)).toContain(action.bot);
        }
        if (action.kind === 'mark-orphaned') expect(desired.optedIn).toBe('no');
      }
    });
  });

  it('no two actions change the same object', () => {
    always(({ desired, observed }) => {
      const changed = plan(desired, observed, NOW).map((action) => {
        if (action.kind === 'apply-secret') return `secret ${action.destination.secretName}`;
        if (action.kind === 'apply-binding') return `binding tbot-injector-bot-${action.bot}`;
        return `${action.of} ${action.object.name}`;
      });
      expect(new Set(changed).size).toBe(changed.length);
    });
  });

  it('a granted destination is valid in the end, or another writer has made it invalid', () => {
    const allowed: readonly (InvalidReason | undefined)[] = [
      undefined,
      'secret-not-ours',
      'secret-deleting',
      'secret-immutable',
      'secret-made-by-others',
      'secret-foreign-data',
      'binding-not-ours',
    ];
    always((world) => {
      const { secrets, bindings } = settle(world);
      for (const destination of world.desired.destinations) {
        const binding = bindings.get(destination.bot);
        if (binding?.isDeleting === true) continue;
        const secret = secrets.get(destination.secretName);
        expect(allowed).toContain(
          validateDestination(destination, secret, binding, expectedBinding(destination.bot)),
        );
      }
    });
  });

  it('nothing of ours is left after the grace period, and objects of others do not change', () => {
    always(({ observed }) => {
      const ours = new Set(oursIn(observed));
      const before = everything(observed).filter((object) => !ours.has(object));
      const orphaned = settle({ desired: LOST, observed });
      // A time in the future may be one grace period ahead.
      const end = settle({ desired: LOST, observed: orphaned }, NOW + 2 * GRACE_MS);
      expect(everything(end)).toEqual(before);
    });
  });

  it('a label that comes back within the grace period deletes no Secret', () => {
    const world = fc.tuple(arbitraryWorld, fc.integer({ min: 0, max: GRACE_MS - 1 }));
    fc.assert(
      fc.property(world, ([{ desired, observed }, later]) => {
        fc.pre(desired.optedIn === 'yes');
        const whole = settle({ desired, observed });
        const orphaned = settle({ desired: LOST, observed: whole }, NOW);
        const waited = settle({ desired: LOST, observed: orphaned }, NOW + later);
        expect([...waited.secrets.keys()]).toEqual([...whole.secrets.keys()]);
        const back = settle({ desired, observed: waited }, NOW + later);
        expect(back.secrets).toEqual(whole.secrets);
        expect(plan(desired, back, NOW + later)).toEqual([]);
      }),
      { numRuns: 1000, maxSkipsPerRun: 20 },
    );
  });

  it('the next deadline is the first moment with an action', () => {
    always((world) => {
      const settled = settle(world);
      const deadline = nextDeadline(world.desired, settled, GRACE_MS);
      if (deadline === undefined) {
        expect(plan(world.desired, settled, NOW + 100 * GRACE_MS)).toEqual([]);
        return;
      }
      expect(deadline).toBeGreaterThan(NOW);
      expect(plan(world.desired, settled, deadline - 1)).toEqual([]);
      expect(plan(world.desired, settled, deadline)).not.toEqual([]);
    });
  });

  it('several desired states in a row settle like the last one alone', () => {
    const sequence = fc.tuple(arbitraryWorld, fc.array(arbitraryDesiredState, { maxLength: 5 }));
    fc.assert(
      fc.property(sequence, ([world, earlier]) => {
        const before = earlier.reduce((observed, desired) => settle({ desired, observed }), world.observed);
        const after = settle({ desired: world.desired, observed: before });
        expect(plan(world.desired, after, NOW)).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});
