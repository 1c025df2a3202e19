import { describe, expect, it } from 'vitest';

import { readQuery, type Lookup } from './monitoring/promql.ts';

describe('reading a query', () => {
  const lookup: Lookup = ({ metric }) => (metric === 'known' ? new Set(['pod', 'reason']) : undefined);

  it.each([
    ['sum(', 'a syntax error at character 4'],
    ['unknown', 'no target exposes unknown'],
    ['known{colour="red"}', 'there is no label colour'],
    ['sum by (colour) (known)', 'there is no label colour'],
    ['sum without (colour) (known)', 'there is no label colour'],
    ['known and on (pod, reason) sum by (pod) (known)', 'there is no label reason'],
    ['sum by (pod) (known) / sum by (reason) (known)', '{pod} never matches {reason}'],
    ['histogram_quantile(0.9, known)', 'there is no label le'],
  ])('%s finds: %s', (query, problem) => {
    expect(readQuery(query, lookup).problems).toEqual([`${problem} in: ${query}`]);
  });

  it.each([
    ['known', 'pod,reason'],
    ['sum(rate(known[5m]))', ''],
    ['sum by (pod) (known) > 1', 'pod'],
    ['sum without (pod) (known)', 'reason'],
    ['topk(3, known)', 'pod,reason'],
    ['known unless on (pod) known offset 5m', 'pod,reason'],
    ['known * on (pod) sum by (pod) (known)', 'pod'],
    ['known or sum by (pod) (known)', 'pod'],
    ['time() - known', 'pod,reason'],
    ['count(known) or vector(0)', ''],
  ])('%s has the labels "%s"', (query, labels) => {
    const reading = readQuery(query, lookup);
    expect({ problems: reading.problems, labels: [...reading.labels].join() }).toEqual({
      problems: [],
      labels,
    });
  });
});
