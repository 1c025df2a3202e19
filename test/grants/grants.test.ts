import { describe, expect, it } from 'vitest';
import { createGrants, isOptedIn } from '../../src/grants/grants.ts';
import { bot, platform } from './platform.ts';

const enabled = { 'tbot-injector.io/injection': 'enabled' };

describe('a namespace has opted in', () => {
  it.each<[string, Record<string, string>, boolean]>([
    ['team-a', enabled, true],
    ['team-a', {}, false],
    ['team-a', { 'tbot-injector.io/injection': 'disabled' }, false],
    ['team-a', { 'tbot-injector.io/injection': 'Enabled' }, false],
    ['team-a', { 'tbot-injector.io/injection': 'true' }, false],
    ['team-a', Object.create(enabled) as Record<string, string>, false],
    ['kube-system', enabled, false],
  ])('%s %j: %s', (name, labels, optedIn) => {
    expect(isOptedIn({ name, labels })).toBe(optedIn);
  });
});

describe('a namespace is granted', () => {
  const identity = { tbot: { type: 'identity' } };
  const config = platform({
    all: bot({ all: true, acceptClusterWide: true }, { everyone: identity }),
    named: bot({ names: ['team-a', 'team-b'] }, { named: identity, 'named-too': identity }),
    chosen: bot({ selector: { matchLabels: { tier: 'web' } } }, { chosen: identity }),
    either: bot({ names: ['team-c'], selector: { matchLabels: { tier: 'db' } } }, { either: identity }),
  });
  const expectedBinding = createGrants(config);

  it.each<[string, Record<string, string>, string[]]>([
    ['team-a', {}, ['everyone', 'named', 'named-too']],
    ['team-b', { tier: 'web' }, ['everyone', 'named', 'named-too', 'chosen']],
    ['team-c', {}, ['everyone', 'either']],
    ['team-d', { tier: 'db' }, ['everyone', 'either']],
    ['team-d', { tier: 'other' }, ['everyone']],
  ])('%s %j: %j', (name, labels, outputs) => {
    expect([...expectedBinding({ name, labels: { ...labels, ...enabled } }).keys()]).toEqual(outputs);
  });

  it.each([
    ['team-a', {}],
    ['team-d', { tier: 'db' }],
    ['kube-system', enabled],
  ])('nothing where it has not opted in: %s %j', (name, labels) => {
    expect(expectedBinding({ name, labels }).size).toBe(0);
  });

  it('each output with its bot', () => {
    const grants = expectedBinding({ name: 'team-c', labels: enabled });
    expect([...grants.values()].map((output) => output.bot)).toEqual(['all', 'either']);
  });
});
