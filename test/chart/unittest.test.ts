import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, inject, it } from 'vitest';
import { parseAllDocuments } from 'yaml';

import { runCommand } from '../cluster/harness/command.ts';

interface Named {
  readonly template?: string;
  readonly templates?: readonly string[];
}

interface Suite extends Named {
  readonly tests?: readonly Named[];
}

const chart = join(import.meta.dirname, '../../charts/tbot-injector');
const suites = globSync('tests/*_test.yaml', { cwd: chart }).toSorted();

describe.skipIf(inject('programs').kind === 'missing')('helm-unittest, suite by suite', () => {
  it.each(suites)('%s', async (suite) => {
    const programs = inject('programs');
    if (programs.kind === 'missing') throw new Error(programs.reason);
    // Strict: a misspelt field of a suite is an error, not an assertion less.
    const args = ['--strict', '--color=false', '--file', suite, chart];
    const { code, stdout, stderr } = await runCommand(programs.files['helm-unittest'], args);
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/^Test Suites: ([1-9]\d*) passed, \1 total$/m);
  });

  it('leaves no template out', () => {
    const tested = new Set(suites.flatMap((suite) => templatesOf(readFileSync(join(chart, suite), 'utf8'))));
    const templates = globSync('**/*.yaml', { cwd: join(chart, 'templates') });
    expect(templates.toSorted().filter((template) => !tested.has(template))).toEqual([]);
  });
});

/** The templates that a file of suites names, for all of its tests or for single ones. */
function templatesOf(text: string): string[] {
  return parseAllDocuments(text, { merge: true }).flatMap((document) => {
    const suite = document.toJS() as Suite;
    const named = [suite, ...(suite.tests ?? [])];
    return named.flatMap(({ template, templates = [] }) => [
      ...(template === undefined ? [] : [template]),
      ...templates,
    ]);
  });
}
