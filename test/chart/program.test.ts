import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, inject, it } from 'vitest';
import { parseAllDocuments, parseDocument } from 'yaml';

import { parseArguments } from '../../src/cli/arguments.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { readControllerFlags } from '../../src/cli/controller-options.ts';
import { readWebhookFlags } from '../../src/cli/webhook-options.ts';
import { PREFIX } from '../../src/config/opt-in.ts';
import { printJsonSchema } from '../../src/config/schema.ts';
import { LOG_LEVELS } from '../../src/telemetry/log.ts';
import { METRICS } from '../../src/telemetry/table.ts';
import { OUTPUT_TYPES } from '../../src/teleport/output-types.ts';
import { CHART } from '../cluster/harness/installation.ts';
import { renderChart } from './render.ts';
import { payments } from './values/bot.ts';

interface Schema {
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly [keyword: string]: unknown;
}

const schema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')) as Schema;
const values = parseDocument(readFileSync(join(CHART, 'values.yaml'), 'utf8'));
const templates = globSync('templates/**/*.{tpl,yaml,txt}', { cwd: CHART })
  .filter((file) => !file.endsWith('_program.tpl'))
  .map((file) => ({ file, text: readFileSync(join(CHART, file), 'utf8') }));

/** Every closed choice below a schema, by its path; `*` stands for a key or an index of the user's. */
function choices(below: Schema, at: readonly string[] = []): (readonly [string, readonly unknown[]])[] {
  const own = below.enum === undefined ? [] : [[at.join('.'), below.enum] as const];
  const children = Object.entries(below.properties ?? {});
  const { additionalProperties: map, items } = below;
  for (const child of [map, items]) if (typeof child === 'object') children.push(['*', child]);
  return [...own, ...children.flatMap(([key, child]) => choices(child, [...at, key]))];
}

const ofChart = new Map(choices(schema));

function command(name: string): (typeof COMMANDS)[number] {
  const found = COMMANDS.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no command ${name}`);
  return found;
}

function defaultOf(name: string, flag: string): string | undefined {
  return command(name).options.find((option) => option.name === flag)?.default;
}

describe('the schema of values offers what the program takes', () => {
  it('as levels of the log', () => {
    expect(ofChart.get('logLevel')).toEqual(LOG_LEVELS);
    for (const name of ['webhook', 'controller']) {
      const option = command(name).options.find((each) => each.name === 'log-level');
      expect(option?.choices).toEqual(LOG_LEVELS);
    }
    for (const level of LOG_LEVELS) expect(schema.properties?.['logLevel']?.['description']).toContain(level);
  });

  it('as every choice of config.yaml', () => {
    const ofProgram = choices(JSON.parse(printJsonSchema()) as Schema);
    expect(ofProgram).not.toHaveLength(0);
    for (const [path, known] of ofProgram) expect([path, ofChart.get(path)]).toEqual([path, known]);
  });

  it('as types of outputs', () => {
    const usable = [...OUTPUT_TYPES.values()].filter(({ unsuitable }) => !unsuitable || unsuitable.when);
    const text = JSON.stringify(schema.properties?.['bots']);
    expect(text).toContain(`{"enum":${JSON.stringify(usable.map(({ type }) => type))}}`);
  });
});

describe('values.yaml has the defaults of the program', () => {
  it.each([
    ['logLevel', 'webhook', 'log-level'],
    ['logLevel', 'controller', 'log-level'],
    ['webhook.containerPort', 'webhook', 'port'],
    ['webhook.healthPort', 'webhook', 'health-port'],
  ])('%s: as %s --%s', (path, name, flag) => {
    expect(String(values.getIn(path.split('.')))).toBe(defaultOf(name, flag));
  });
});

describe('the templates', () => {
  it('name no key of the program by hand', () => {
    const literal = new RegExp(`${PREFIX.replace(/[./]/g, '\\$&')}[a-z]`);
    expect(templates.filter(({ text }) => literal.test(text)).map(({ file }) => file)).toEqual([]);
  });

  it('use everything that is generated for them', () => {
    const generated = readFileSync(join(CHART, 'templates/_program.tpl'), 'utf8');
    const names = [...generated.matchAll(/define "([^"]+)"/g)].map(([, name = '']) => name);
    const used = templates.map(({ text }) => text).join('');
    expect(names.filter((name) => !used.includes(`"${name}"`))).toEqual([]);
  });

  it('name metrics by their rows', () => {
    const text = readFileSync(join(CHART, 'files/alerts.yaml'), 'utf8');
    const rows = [...text.matchAll(/<metrics\.(\w+)>/g)].map(([, row = '']) => row);
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.filter((row) => !Object.hasOwn(METRICS, row))).toEqual([]);
    const names = Object.values(METRICS).map(({ name }) => name);
    expect(names.filter((name) => text.includes(name))).toEqual([]);
  });
});

const longest = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`;
const bot = 'x'.repeat(40);
const given = { secret: { name: 'tls', caBundle: '-----BEGIN CERTIFICATE-----' } };

/** What ends up in flags, to its limits. */
const FLAGGED: readonly object[] = [
  ...(ofChart.get('logLevel') ?? []).map((logLevel) => ({ logLevel })),
  ...(ofChart.get('certificates.source') ?? []).map((source) => ({ certificates: { ...given, source } })),
  ...[1, 65_535].flatMap((port) => [{ webhook: { containerPort: port } }, { webhook: { healthPort: port } }]),
  { certificates: { servingNames: [longest, longest.toUpperCase(), '::1', '10.0.0.1'] } },
  { bots: { [bot]: { ...payments, deployment: { serviceAccount: { name: longest } } } } },
  { fullnameOverride: 'x'.repeat(63) },
  { controller: { eviction: true, workloadRestarts: true } },
];

describe.skipIf(inject('programs').kind === 'missing')('what the schema lets pass the flags take', () => {
  it.each(FLAGGED.map((each) => [JSON.stringify(each).slice(0, 80), each] as const))(
    '%s',
    async (_, flagged) => {
      const only = ['webhook', 'controller'].map((name) => `templates/${name}/deployment.yaml`);
      const documents = parseAllDocuments(await renderChart({ values: flagged, only }));
      const argv = documents.flatMap((document) => {
        const args = document.getIn(['spec', 'template', 'spec', 'containers', 0, 'args']) as
          { toJSON(): string[] } | undefined;
        return args === undefined ? [] : [args.toJSON()];
      });
      expect(argv.map(([name]) => name).sort()).toEqual(['controller', 'webhook']);
      for (const [name = '', ...rest] of argv) {
        const args = parseArguments(command(name), rest);
        if (name === 'webhook') await readWebhookFlags(args);
        else await readControllerFlags(args, { POD_NAMESPACE: 'tbot-system' });
      }
    },
  );
});
