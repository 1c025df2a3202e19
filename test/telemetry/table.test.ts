import { describe, expect, it } from 'vitest';
import { METRICS, type Metric } from '../../src/telemetry/table.ts';

const rows = Object.entries<Metric>(METRICS);
const TIME = /timestamp|duration|clock|age|delay|latency/;

describe('a row of the metrics', () => {
  it.each(rows)('%s is named after its unit, as Prometheus asks', (_key, row) => {
    expect(row.name).toMatch(/^tbot_injector(_[a-z]+)+$/);
    expect(row.name.endsWith('_total')).toBe(row.kind === 'counter');
    if (row.kind === 'histogram' || TIME.test(row.name)) expect(row.name).toMatch(/_seconds$/);
    else if (row.kind === 'gauge' && row.boolean) expect(row.help).toMatch(/^Whether .* 1 or 0/);
    else if (row.kind === 'gauge') expect(row.name).toMatch(/_info$|[^s]s$/);
  });

  it.each(rows)('%s says what it is in whole sentences, and each value of its labels', (_key, row) => {
    expect(row.help).toMatch(/^[A-Z].*\.$/);
    const values = Object.entries(row.values ?? {});
    expect(values.filter(([label]) => !row.labels.includes(label))).toEqual([]);
    for (const [, few] of values) expect(new Set(few).size).toBe(few.length);
  });

  it('has a name of its own, which says what its key says', () => {
    const names = rows.map(([, { name }]) => name);
    expect(new Set(names).size).toBe(names.length);
    const words = (text: string): string => text.replaceAll('_', '').toLowerCase();
    expect(rows.filter(([key, { name }]) => !words(name).includes(words(key))).map(([key]) => key)).toEqual(
      [],
    );
  });
});
