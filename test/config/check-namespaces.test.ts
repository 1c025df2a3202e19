import { describe, expect, it } from 'vitest';
import { problemsOf, written } from './written.ts';

const AT = 'bots.a.namespaces';

function grantProblems(namespaces: unknown): string[] {
  return problemsOf(written({ [AT]: namespaces }));
}

function expression(operator: string, values?: unknown): unknown {
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
    expression('NotIn', ['a']),
    expression('Exists'),
    expression('Exists', []),
    expression('DoesNotExist'),
  ])('by %j', (namespaces) => {
    expect(grantProblems(namespaces)).toEqual([]);
  });
});

describe('a bot is not granted', () => {
  const accept = (found: string): string =>
    `${AT}.acceptClusterWide: found ${found}; expected true: every namespace that opts in gets all of the bot's roles. Fix: add acceptClusterWide: true, or grant by names`;

  it('to all unless that is accepted in so many words', () => {
    expect(grantProblems({ all: true })).toEqual([accept('nothing')]);
    expect(grantProblems({ all: true, acceptClusterWide: false })).toEqual([accept('false')]);
  });

  it.each([{}, { all: false }, { acceptClusterWide: true }])('to nobody: %j', (namespaces) => {
    const found = Object.keys(namespaces).length === 0 ? '{}' : 'a map of 1';
    expect(grantProblems(namespaces)).toEqual([
      `${AT}: found ${found}; expected names, selector, or all with acceptClusterWide. Fix: add names: [<namespace>]`,
    ]);
  });

  it.each([{ names: ['a'] }, { selector: { matchLabels: { team: 'a' } } }])(
    'to all and to some: %j',
    (some) => {
      expect(grantProblems({ all: true, acceptClusterWide: true, ...some })).toEqual([
        `${AT}: found a map of 3; expected all, or names and selector. Fix: remove all, or remove the others`,
      ]);
    },
  );

  it.each([{}, { matchLabels: {} }, { matchExpressions: [] }, { matchLabels: {}, matchExpressions: [] }])(
    'by a selector that chooses everything: %j',
    (selector) => {
      const found = Object.keys(selector).length === 0 ? '{}' : `a map of ${Object.keys(selector).length}`;
      expect(grantProblems({ selector })).toEqual([
        `${AT}.selector: found ${found}; expected at least one condition. Fix: add a condition, or write all: true with acceptClusterWide: true`,
      ]);
    },
  );

  it('to kube-system', () => {
    expect(grantProblems({ names: ['a', 'kube-system'] })).toEqual([
      `${AT}.names[1]: found "kube-system"; expected a namespace that can be injected. Fix: remove "kube-system"`,
    ]);
  });
});

describe('a condition is wrong', () => {
  const where = `${AT}.selector.matchExpressions[0]`;

  it.each(['In', 'NotIn'])('%s without values', (operator) => {
    const problem = `${where}.values: found 0 values; expected at least one value with ${operator}. Fix: correct the values`;
    expect(grantProblems(expression(operator))).toEqual([problem]);
    expect(grantProblems(expression(operator, []))).toEqual([problem]);
  });

  it.each(['Exists', 'DoesNotExist'])('%s with values', (operator) => {
    expect(grantProblems(expression(operator, ['a', 'b']))).toEqual([
      `${where}.values: found 2 values; expected no values with ${operator}. Fix: correct the values`,
    ]);
  });

  it('with an operator that Kubernetes has not', () => {
    expect(grantProblems(expression('Equals', ['a']))).toEqual([
      `${where}.operator: found "Equals"; expected In, NotIn, Exists or DoesNotExist. Fix: correct operator`,
    ]);
  });

  it('with an empty key', () => {
    expect(grantProblems({ selector: { matchExpressions: [{ key: '', operator: 'Exists' }] } })).toEqual([
      `${where}.key: found ""; expected a label key. Fix: correct key`,
    ]);
  });
});

it('wrong shapes are told once, by the schema', () => {
  expect(grantProblems('all')).toEqual([`${AT}: found "all"; expected a map. Fix: correct namespaces`]);
  expect(grantProblems({ names: [7] })).toEqual([
    `${AT}.names[0]: found 7; expected lower-case letters, digits and "-", at most 63 characters. Fix: correct names[0]`,
  ]);
});
