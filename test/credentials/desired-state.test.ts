import { expect, it } from 'vitest';
import { createDesiredState } from '../../src/credentials/desired-state.ts';
import { bot, platform } from '../grants/platform.ts';

const config = platform({
  a: bot({ all: true, acceptClusterWide: true }, { one: { tbot: { type: 'identity' } } }),
});
const consumer = (name: string) => ({
  name,
  labels: { 'tbot-injector.io/injection': 'enabled' },
  isTerminating: false,
});

it('the namespace of the release has no destinations, even with the label', () => {
  const desiredStateOf = createDesiredState(config, 'tbot-system');
  expect(desiredStateOf(consumer('tbot-system'))).toEqual({ optedIn: 'no', destinations: [] });
  expect(desiredStateOf(consumer('team')).destinations).toHaveLength(1);
});

it('one Namespace object has one desired state, and a changed Namespace has a new one', () => {
  const desiredStateOf = createDesiredState(config);
  const team = consumer('team');
  expect(desiredStateOf(team)).toBe(desiredStateOf(team));
  expect(desiredStateOf({ ...team, labels: {} }).optedIn).toBe('no');
  expect(desiredStateOf({ ...team, isTerminating: true }).optedIn).toBe('terminating');
});
