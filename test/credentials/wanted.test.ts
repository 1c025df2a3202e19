import { expect, it } from 'vitest';
import { createWanted } from '../../src/credentials/wanted.ts';
import { bot, platform } from '../grants/platform.ts';

const config = platform({
  a: bot({ all: true, acceptClusterWide: true }, { one: { tbot: { type: 'identity' } } }),
});
const consumer = (name: string) => ({
  name,
  labels: { 'tbot-injector.io/injection': 'enabled' },
  isTerminating: false,
});

it('the namespace of the release has nothing, whoever labels it', () => {
  const wantedOf = createWanted(config, 'tbot-system');
  expect(wantedOf(consumer('tbot-system'))).toEqual({ optedIn: 'no', destinations: [] });
  expect(wantedOf(consumer('team')).destinations).toHaveLength(1);
});

it('a Namespace that is asked for again has the same answer, and one that has changed its own', () => {
  const wantedOf = createWanted(config);
  const team = consumer('team');
  expect(wantedOf(team)).toBe(wantedOf(team));
  expect(wantedOf({ ...team, labels: {} }).optedIn).toBe('no');
  expect(wantedOf({ ...team, isTerminating: true }).optedIn).toBe('terminating');
});
