import { describe, expect, it } from 'vitest';
import type { LabelSelector } from '../../src/config/schema.ts';
import { matches } from '../../src/grants/selector.ts';

type Expression = NonNullable<LabelSelector['matchExpressions']>[number];

const labels = { team: 'payments', tier: 'web', empty: '' };

function expression(operator: Expression['operator'], key: string, values?: string[]): LabelSelector {
  return { matchExpressions: [{ key, operator, ...(values === undefined ? {} : { values }) }] };
}

describe('a selector chooses a namespace as Kubernetes does', () => {
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
  ])('%j: %s', (selector, chosen) => {
    expect(matches(selector, labels)).toBe(chosen);
  });
});
