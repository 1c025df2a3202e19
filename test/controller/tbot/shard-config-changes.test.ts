import { expect, it } from 'vitest';
import { validateDestinations, type ValidatedDestination } from '../../../src/credentials/validation.ts';
import { ShardConfigChanges } from '../../../src/controller/tbot/shard-config.ts';
import { binding, destination, expectedBinding, secret, optedInWith } from '../../credentials/objects.ts';
import type { ObservedSecret } from '../../../src/credentials/observed.ts';

const ONE = destination();
const OF_B = destination({ bot: 'b', output: 'two', secretName: 'tbot-two' });

/** Both are there, but for `changes` of the first. */
function validated(
  changes: Partial<ObservedSecret> = {},
  desired = optedInWith(ONE, OF_B),
): readonly ValidatedDestination[] {
  const secrets = [secret(changes), secret({ name: 'tbot-two', bot: 'b', output: 'two' })];
  const observed = {
    secrets: new Map(secrets.map((each) => [each.name, each])),
    bindings: new Map([['a', binding()]]),
  };
  return validateDestinations(desired, observed, expectedBinding);
}

it('a bot is reported when one of its own destinations has changed, and not for a renewal', () => {
  const changes = new ShardConfigChanges();
  expect(changes.follow('team', validated())).toEqual(['a', 'b']);
  expect(changes.follow('team', validated())).toEqual([]);
  expect(changes.follow('team', validated({ writtenAt: 5, resourceVersion: '99' }))).toEqual([]);
  expect(changes.follow('team', validated({ hasImmutableField: true }))).toEqual(['a']);
  expect(changes.follow('team', validated())).toEqual(['a']);
  expect(changes.follow('other', validated())).toEqual(['a', 'b']);
  expect(changes.follow('team', validated({}, optedInWith(ONE)))).toEqual(['b']);
  expect(changes.follow('team', [])).toEqual(['a']);
  expect(changes.follow('team', [])).toEqual([]);
});
