import fc from 'fast-check';
import type { ObservedObjects } from '../../src/credentials/observed.ts';
import type { ObservedBinding, ObservedSecret } from '../../src/credentials/observed.ts';
import type { DesiredState } from '../../src/credentials/desired-state.ts';
import {
  binding,
  destination,
  expectedBinding,
  GRACE_MS,
  LOST,
  MINUTE,
  NOW,
  secret,
  TERMINATING,
} from './objects.ts';

/** The Secrets that the configuration declares, each for one output of one bot. */
const DECLARED = [
  destination({ bot: 'a', output: 'one', secretName: 'tbot-one' }),
  destination({ bot: 'a', output: 'two', secretName: 'tbot-two' }),
  destination({ bot: 'b', output: 'three', secretName: 'three' }),
  destination({ bot: 'c', output: 'four', secretName: 'tbot-four' }),
];
const BOTS = ['a', 'b', 'c'];

export interface World {
  readonly desired: DesiredState;
  readonly observed: ObservedObjects;
}

const granted: fc.Arbitrary<DesiredState> = fc.subarray(BOTS).map((bots) => ({
  optedIn: 'yes',
  destinations: DECLARED.filter(({ bot }) => bots.includes(bot)),
}));

export const arbitraryDesiredState: fc.Arbitrary<DesiredState> = fc.oneof(
  { weight: 5, arbitrary: granted },
  { weight: 3, arbitrary: fc.constant(LOST) },
  { weight: 1, arbitrary: fc.constant(TERMINATING) },
);

const seldom = fc.boolean().chain((first) => (first ? fc.boolean() : fc.constant(false)));
const often = seldom.map((each) => !each);
/** Its own bot, another bot, a bot that is not configured, or no label. */
const arbitraryBotLabel = (bot: string): fc.Arbitrary<string | undefined> =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(bot) }, fc.constantFrom(...BOTS, 'stranger', undefined));

const orphanedAt = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  fc.integer({ min: NOW - 2 * GRACE_MS, max: NOW + 3 * GRACE_MS }),
  fc.constantFrom(0, NOW, NOW - GRACE_MS, NOW + 1_000 * 365 * 24 * 60 * MINUTE),
);

function arbitrarySecret({
  bot,
  output,
  secretName,
}: (typeof DECLARED)[number]): fc.Arbitrary<ObservedSecret> {
  return fc
    .record({
      bot: arbitraryBotLabel(bot),
      output: fc.constantFrom(output, output, 'old', undefined),
      orphanedAt,
      isDeleting: seldom,
      isMadeByUs: often,
      hasImmutableField: seldom,
      foreignManagers: fc.constantFrom([], [], ['kubectl-edit']),
    })
    .map((changes) => secret({ name: secretName, ...changes }));
}

function arbitraryBinding(bot: string): fc.Arbitrary<ObservedBinding> {
  const content = fc.constantFrom(
    expectedBinding(bot),
    expectedBinding(bot),
    expectedBinding('b'),
    'ClusterRole admin to User /eve',
  );
  return fc
    .record({ bot: arbitraryBotLabel(bot), content, orphanedAt, isDeleting: seldom })
    .map((changes) => binding({ ...changes, name: `tbot-injector-bot-${bot}` }));
}

/** A map with some of the keys, each with an arbitrary value. */
function someOf<T>(entries: readonly (readonly [string, fc.Arbitrary<T>])[]): fc.Arbitrary<Map<string, T>> {
  return fc
    .tuple(
      ...entries.map(([key, value]) =>
        fc.option(
          value.map((each) => [key, each] as const),
          { freq: 4 },
        ),
      ),
    )
    .map((found) => new Map(found.filter((each) => each !== null)));
}

export const arbitraryWorld: fc.Arbitrary<World> = fc.record({
  desired: arbitraryDesiredState,
  observed: fc.record({
    secrets: someOf(DECLARED.map((each) => [each.secretName, arbitrarySecret(each)] as const)),
    bindings: someOf(BOTS.map((bot) => [bot, arbitraryBinding(bot)] as const)),
  }),
});
