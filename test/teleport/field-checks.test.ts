import { describe, expect, it } from 'vitest';
import { printProblem } from '../../src/problems/problem.ts';
import { placeholderProblems } from '../../src/teleport/field-checks.ts';

const problemsOf = (value: unknown): string[] => placeholderProblems(value, 'tbot').map(printProblem);

describe('a placeholder', () => {
  it.each([
    'plain',
    '$(NAMESPACE)-db',
    'a-$(NAMESPACE)-$(NAMESPACE)',
    '$NAMESPACE',
    '$(NAMESPACE',
    7,
    true,
    null,
    {},
    [],
  ])('is allowed in %j', (value) => {
    expect(problemsOf(value)).toEqual([]);
  });

  it.each(['$(namespace)', '$(NAMSPACE)', '$( NAMESPACE )'])('%s is misspelt', (value) => {
    expect(problemsOf(value)).toEqual([
      `tbot: found ${value}; expected $(NAMESPACE). Fix: write $(NAMESPACE)`,
    ]);
  });

  it.each(['$(POD)', '$()'])('%s is unknown', (value) => {
    expect(problemsOf(value)).toEqual([
      `tbot: found ${value}; expected $(NAMESPACE). Fix: write the value itself`,
    ]);
  });

  it('is not allowed in a key, which is not replaced', () => {
    expect(problemsOf({ labels: { '$(NAMESPACE)': 'x' } })).toEqual([
      'tbot.labels.$(NAMESPACE): found $(NAMESPACE); expected no placeholder here. Fix: write the value itself',
    ]);
  });

  it('is not allowed where the list of allowed ones is empty', () => {
    expect(placeholderProblems(['a-$(NAMESPACE)'], 'join', []).map(printProblem)).toEqual([
      'join.0: found $(NAMESPACE); expected no placeholder here. Fix: write the value itself',
    ]);
  });

  it('is found at any depth, and each one is reported', () => {
    const value = { selectors: [{ name: '$(A)-$(B)' }, { labels: { env: '$(NAMESPACE)', tier: '$(C)' } }] };
    expect(placeholderProblems(value, 'tbot').map(({ where, found }) => `${where} ${found}`)).toEqual([
      'tbot.selectors.0.name $(A)',
      'tbot.selectors.0.name $(B)',
      'tbot.selectors.1.labels.tier $(C)',
    ]);
  });
});
