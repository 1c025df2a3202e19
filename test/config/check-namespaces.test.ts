import { describe, expect, it } from 'vitest';
import { problemsOf, configText } from './config-text.ts';

const AT = 'bots.a.namespaces';

function grantProblems(namespaces: unknown): string[] {
  return problemsOf(configText({ [AT]: namespaces }));
}

const INJECTION = 'tbot-injector.io/injection';
const NAME = 'kubernetes.io/metadata.name';
const CONDITION =
  'expected a condition that some opted-in namespaces meet and others do not: matchLabels, In or Exists. Fix: add one, or write all: true with acceptClusterWide: true';

function expression(operator: string, values?: unknown): { selector: { matchExpressions: unknown[] } } {
  return { selector: { matchExpressions: [{ key: 'tier', operator, values }] } };
}

describe('a bot is granted', () => {
  it.each([
    { all: true, acceptClusterWide: true },
    { names: ['a'] },
    { all: false, names: ['a', 'b'] },
    { selector: { matchLabels: { team: 'a' } } },
    { names: ['a'], selector: { matchLabels: { team: 'a' } } },
    expression('In', ['a', 'b']),
    expression('Exists'),
    expression('Exists', []),
    { acceptClusterWide: false, names: ['a'] },
    { selector: { matchLabels: { [NAME]: 'a' } } },
    { selector: { matchLabels: { team: '' } } },
    ...[
      { key: 'tier', operator: 'NotIn', values: ['a'] },
      { key: 'tier', operator: 'DoesNotExist' },
    ].map((negative) => ({ selector: { matchLabels: { team: 'a' }, matchExpressions: [negative] } })),
  ])('by %j', (namespaces) => {
    expect(grantProblems(namespaces)).toEqual([]);
  });
});

describe('a bot is not granted', () => {
  const accept = (found: string): string =>
    `${AT}.acceptClusterWide: found ${found}; expected true: every namespace that opts in gets all of the bot's roles. Fix: add acceptClusterWide: true, or grant by names`;

  it('to all namespaces without acceptClusterWide', () => {
    expect(grantProblems({ all: true })).toEqual([accept('nothing')]);
    expect(grantProblems({ all: true, acceptClusterWide: false })).toEqual([accept('false')]);
  });

  it.each([{}, { all: false }])('to no namespace: %j', (namespaces) => {
    const found = Object.keys(namespaces).length === 0 ? '{}' : 'a map of 1';
    expect(grantProblems(namespaces)).toEqual([
      `${AT}: found ${found}; expected names, selector, or all with acceptClusterWide. Fix: add names: [<namespace>]`,
    ]);
  });

  it.each([{}, { all: false }])('by acceptClusterWide without all: %j', (all) => {
    expect(grantProblems({ ...all, names: ['a'], acceptClusterWide: true })).toEqual([
      `${AT}.acceptClusterWide: found true; expected it beside all: true alone. Fix: remove acceptClusterWide, or add all: true`,
    ]);
    expect(grantProblems({ ...all, acceptClusterWide: true })).toHaveLength(2);
  });

  it.each([{ names: ['a'] }, { selector: { matchLabels: { team: 'a' } } }])(
    'by all together with names or a selector: %j',
    (some) => {
      expect(grantProblems({ all: true, acceptClusterWide: true, ...some })).toEqual([
        `${AT}: found a map of 3; expected all, or names and selector. Fix: remove all, or remove the others`,
      ]);
    },
  );

  it.each([
    {},
    { matchLabels: {} },
    { matchExpressions: [] },
    { matchLabels: {}, matchExpressions: [] },
    { matchLabels: { [INJECTION]: 'enabled' } },
    ...[
      { key: 'tier', operator: 'NotIn', values: ['a'] },
      { key: 'tier', operator: 'DoesNotExist' },
      { key: NAME, operator: 'Exists' },
      { key: NAME, operator: 'NotIn', values: ['a'] },
      { key: INJECTION, operator: 'Exists' },
      { key: INJECTION, operator: 'In', values: ['enabled'] },
    ].map((condition) => ({ matchExpressions: [condition] })),
  ])('by a selector that selects all or nearly all namespaces: %j', (selector) => {
    const found = Object.keys(selector).length === 0 ? '{}' : `a map of ${Object.keys(selector).length}`;
    expect(grantProblems({ selector })).toEqual([`${AT}.selector: found ${found}; ${CONDITION}`]);
  });

  it('to kube-system', () => {
    expect(grantProblems({ names: ['a', 'kube-system'] })).toEqual([
      `${AT}.names[1]: found "kube-system"; expected a namespace that can be injected. Fix: remove "kube-system"`,
    ]);
  });
});

/** The condition together with a selective one. */
function beside(operator: string, values?: unknown): unknown {
  const [condition] = expression(operator, values).selector.matchExpressions;
  return { selector: { matchLabels: { team: 'a' }, matchExpressions: [condition] } };
}

describe('a condition is wrong', () => {
  const where = `${AT}.selector.matchExpressions[0]`;

  it.each(['In', 'NotIn'])('%s without values', (operator) => {
    const problem = `${where}.values: found 0 values; expected at least one value with ${operator}. Fix: correct the values`;
    expect(grantProblems(beside(operator))).toEqual([problem]);
    expect(grantProblems(beside(operator, []))).toEqual([problem]);
  });

  it.each(['Exists', 'DoesNotExist'])('%s with values', (operator) => {
    expect(grantProblems(beside(operator, ['a', 'b']))).toEqual([
      `${where}.values: found 2 values; expected no values with ${operator}. Fix: correct the values`,
    ]);
  });

  it('with an operator that Kubernetes does not know', () => {
    expect(grantProblems(expression('Equals', ['a']))).toEqual([
      `${where}.operator: found "Equals"; expected In, NotIn, Exists or DoesNotExist. Fix: correct operator`,
    ]);
  });

  it('with an empty key', () => {
    expect(grantProblems({ selector: { matchExpressions: [{ key: '', operator: 'Exists' }] } })).toEqual([
      `${where}.key: found ""; expected a label key of Kubernetes. Fix: correct key`,
    ]);
  });
});

it('wrong shapes are reported once, by the schema', () => {
  expect(grantProblems('all')).toEqual([`${AT}: found "all"; expected a map. Fix: correct namespaces`]);
  expect(grantProblems({ names: [7] })).toEqual([
    `${AT}.names[0]: found 7; expected lower-case letters, digits and "-", at most 63 characters. Fix: correct names[0]`,
  ]);
});
