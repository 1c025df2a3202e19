import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, inject, it } from 'vitest';
import { isMap, isScalar, parseDocument, type YAMLMap } from 'yaml';

import { printChartReadme } from '../../tools/chart-readme.ts';
import { CHART } from '../cluster/harness/installation.ts';

const readme = readFileSync(join(CHART, 'README.md'), 'utf8');
const { contents } = parseDocument(readFileSync(join(CHART, 'values.yaml'), 'utf8'));

/** Every value, by whether a comment `# --` says what it is. A value that has one speaks for all below it. */
function values(map: YAMLMap, at: string): { path: string; hasWords: boolean }[] {
  return map.items.flatMap(({ key, value }, index) => {
    if (!isScalar(key)) throw new Error(`found a key that is no text below ${at}`);
    const path = `${at}${String(key.value)}`;
    const comment = key.commentBefore ?? (index === 0 ? map.commentBefore : undefined) ?? '';
    const hasWords = /^ -- ./m.test(comment);
    return isMap(value) && !hasWords ? values(value, `${path}.`) : [{ path, hasWords }];
  });
}

const all = isMap(contents) ? values(contents, '') : [];

describe('the README of the chart', () => {
  it('can say what each value is', () => {
    expect(all.filter(({ hasWords }) => !hasWords)).toEqual([]);
    expect(all.length).toBeGreaterThan(50);
  });

  it('has each value once', () => {
    const rows = [...readme.matchAll(/^\| `([^`]+)` \|/gm)].map(([, path]) => path);
    expect(rows.sort()).toEqual(all.map(({ path }) => path).sort());
  });

  it.skipIf(inject('programs').kind === 'missing')('is what helm-docs writes; else run: npm run docs', () => {
    const programs = inject('programs');
    if (programs.kind === 'missing') throw new Error(programs.reason);
    expect(readme).toBe(printChartReadme(programs.files['helm-docs']));
  });
});
