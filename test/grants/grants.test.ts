import { describe, expect, it } from 'vitest';
import type { LabelSelector } from '../../src/config/schema.ts';
import { createGrants, isOptedIn, matchesSelector } from '../../src/grants/grants.ts';
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

describe('a namespace is granted outputs', () => {
  const identity = { tbot: { type: 'identity' } };
  const config = platform({
    all: bot({ all: true, acceptClusterWide: true }, { everyone: identity }),
    named: bot({ names: ['team-a', 'team-b'] }, { named: identity, 'named-too': identity }),
    chosen: bot({ selector: { matchLabels: { tier: 'web' } } }, { chosen: identity }),
    either: bot({ names: ['team-c'], selector: { matchLabels: { tier: 'db' } } }, { either: identity }),
  });
  const grantsFor = createGrants(config);

  it.each<[string, Record<string, string>, string[]]>([
    ['team-a', {}, ['everyone', 'named', 'named-too']],
    ['team-b', { tier: 'web' }, ['everyone', 'named', 'named-too', 'chosen']],
    ['team-c', {}, ['everyone', 'either']],
    ['team-d', { tier: 'db' }, ['everyone', 'either']],
    ['team-d', { tier: 'other' }, ['everyone']],
  ])('%s %j: %j', (name, labels, outputs) => {
    expect([...grantsFor({ name, labels: { ...labels, ...enabled } }).keys()]).toEqual(outputs);
  });

  it.each([
    ['team-a', {}],
    ['team-d', { tier: 'db' }],
    ['kube-system', enabled],
  ])('no outputs where it has not opted in: %s %j', (name, labels) => {
    expect(grantsFor({ name, labels }).size).toBe(0);
  });

  it('outputs that know their bot', () => {
    const grants = grantsFor({ name: 'team-c', labels: enabled });
    expect([...grants.values()].map((output) => output.bot)).toEqual(['all', 'either']);
  });
});

type Expression = NonNullable<LabelSelector['matchExpressions']>[number];

const NAMESPACE_LABELS = { team: 'payments', tier: 'web', empty: '' };

function expression(operator: Expression['operator'], key: string, values?: string[]): LabelSelector {
  return { matchExpressions: [{ key, operator, ...(values === undefined ? {} : { values }) }] };
}

describe('a selector selects a namespace as in Kubernetes', () => {
  it.each<[LabelSelector, boolean]>([
    [{ matchLabels: { team: 'payments' } }, true],
    [{ matchLabels: { team: 'payments', tier: 'web' } }, true],
    [{ matchLabels: { team: 'payments', tier: 'db' } }, false],
    [{ matchLabels: { team: 'Payments' } }, false],
    [{ matchLabels: { owner: 'x' } }, false],
    [{ matchLabels: { empty: '' } }, true],
    [{ matchLabels: { constructor: 'x' } }, false],
    [expression('In', 'team', ['orders', 'payments']), true],
    [expression('In', 'team', ['orders']), false],
    [expression('In', 'owner', ['payments']), false],
    [expression('In', 'team'), false],
    [expression('NotIn', 'team', ['orders']), true],
    [expression('NotIn', 'team', ['payments']), false],
    [expression('NotIn', 'owner', ['payments']), true],
    [expression('Exists', 'team'), true],
    [expression('Exists', 'empty'), true],
    [expression('Exists', 'owner'), false],
    [expression('Exists', 'toString'), false],
    [expression('DoesNotExist', 'team'), false],
    [expression('DoesNotExist', 'owner'), true],
    [{ matchLabels: { team: 'payments' }, ...expression('Exists', 'tier') }, true],
    [{ matchLabels: { team: 'orders' }, ...expression('Exists', 'tier') }, false],
    [{ matchLabels: { team: 'payments' }, ...expression('Exists', 'owner') }, false],
  ])('%j: %s', (selector, isSelected) => {
    expect(matchesSelector(selector, NAMESPACE_LABELS)).toBe(isSelected);
  });
});
