import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import { parseAllDocuments } from 'yaml';

import { loadConfig } from '../../src/config/load.ts';
import { printProblem } from '../../src/problems/problem.ts';
import { CHART } from '../cluster/harness/installation.ts';
import { problemsOf, configText } from '../config/config-text.ts';
import { ask, HELMS, type Helm } from './both-helms.ts';
import { GOOD } from './values/good.ts';

const FILES = ['values-ha.yaml', ...readdirSync(join(CHART, 'examples')).map((file) => `examples/${file}`)];
const MINIMAL = join(import.meta.dirname, 'minimal-values.yaml');

/** What the chart makes of values for the program; undefined where it refuses them. */
async function renderedConfig(helm: Helm, question: Parameters<typeof ask>[1]): Promise<string | undefined> {
  const { code, stdout } = await ask(helm, { ...question, flags: ['--show-only', 'templates/config.yaml'] });
  if (code !== 0) return undefined;
  const [document] = parseAllDocuments(stdout);
  return document?.getIn(['data', 'config.yaml']) as string;
}

function problemsWith(config: string | undefined): readonly string[] {
  if (config === undefined) return ['refused by helm'];
  const loaded = loadConfig(config);
  return loaded.kind === 'valid' ? [] : loaded.problems.map(printProblem);
}

/** Values that may be wrong at any place. */
const ODD: readonly unknown[] = [
  ...[
    null,
    true,
    0,
    1.5,
    65,
    -1,
    '',
    'x y',
    'UPPER',
    'é',
    '.',
    '..',
    '/a',
    'a/b',
    'on',
    '1h',
    '-1h',
    '18.1.6',
  ],
  ...['kubernetes', '$(NAMESPACE)', '$(POD)', 'a'.repeat(64), 'a'.repeat(254)],
  ...[[], ['x'], ['x', 'x'], [''], [null], [{ name: 'x' }]],
  ...[{}, { a: 'b' }, { a: null }, { '': 'x' }, { type: 'database' }],
];

/** Every path of a configuration, but into its lists. */
function pathsOf(value: unknown, at: readonly string[] = []): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [at.join('.')];
  const below = Object.entries(value).flatMap(([key, child]) => pathsOf(child, [...at, key]));
  return at.length === 0 ? below : [at.join('.'), ...below];
}

describe.skipIf(inject('programs').kind === 'missing')('chart and program agree', () => {
  describe.for(HELMS)('with %s', (helm) => {
    it.for(FILES)('on %s', async (file) => {
      expect(problemsWith(await renderedConfig(helm, { files: [MINIMAL, join(CHART, file)] }))).toEqual([]);
    });

    it.for(Object.entries(GOOD))('on %s', async ([, values]) => {
      expect(problemsWith(await renderedConfig(helm, { values }))).toEqual([]);
    });
  });

  it('on the YAML of the README', async () => {
    const readme = readFileSync(join(CHART, 'README.md'), 'utf8');
    const blocks = [...readme.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text = '']) => text);
    const values = blocks.filter((text) => text.includes('teleport:'));
    expect(values).toHaveLength(2);
    for (const text of values) {
      const [document] = parseAllDocuments(text);
      expect(
        problemsWith(await renderedConfig('helm', { files: [], values: document?.toJS() as object })),
      ).toEqual([]);
    }
  });

  it('on whatever is wrong: what helm lets pass the program takes, what it refuses the program refuses', async () => {
    const paths = pathsOf(JSON.parse(configText()));
    const place = fc.record({ path: fc.constantFrom(...paths), odd: fc.constantFrom(...ODD) });
    const judge = async ({ path, odd }: { path: string; odd: unknown }): Promise<void> => {
      const text = configText({ [path]: odd });
      const rendered = await renderedConfig('helm', { files: [], values: JSON.parse(text) as object });
      if (rendered === undefined) expect(problemsOf(text)).not.toEqual([]);
      else expect(problemsWith(rendered)).toEqual([]);
    };
    await fc.assert(fc.asyncProperty(place, judge), { numRuns: 60, endOnFailure: true });
  });
});
