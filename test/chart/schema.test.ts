import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, inject, it } from 'vitest';
import { isMap, isScalar, parseDocument, type YAMLMap } from 'yaml';

import { OUTPUT_TYPES } from '../../src/teleport/output-types.ts';
import { CHART } from '../cluster/harness/installation.ts';
import { ask, HELMS, refusedBySchema } from './both-helms.ts';
import { BAD_SHAPES, CLUSTER, PROXY, RELEASE, SECRET } from './values/bad-shapes.ts';
import { payments } from './values/bot.ts';
import { GOOD } from './values/good.ts';

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: false | Schema;
  readonly items?: Schema;
  readonly description?: string;
}

const schema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')) as Schema;

describe('the schema of values', () => {
  it('describes every value of values.yaml, and no other', () => {
    const { contents } = parseDocument(readFileSync(join(CHART, 'values.yaml'), 'utf8'));
    const known = keysOf(schema, '').filter((key) => key !== 'global' && key !== 'enabled');
    expect(known.sort()).toEqual(isMap(contents) ? writtenKeys(contents, schema, '').sort() : []);
  });

  it("is closed but for what is tbot's own and what is Kubernetes' own", () => {
    const open = openMaps(schema, '').map((path) => path.slice(path.lastIndexOf('.') + 1));
    expect([...new Set(open)].sort()).toEqual([
      'affinity',
      'env[]',
      'imagePullSecrets[]',
      'issuerRef',
      'metricsFrom[]',
      'resources',
      'tbot',
      'tolerations[]',
      'topologySpreadConstraints[]',
      'volumeMounts[]',
      'volumes[]',
    ]);
  });
});

describe.skipIf(inject('programs').kind === 'missing').for(HELMS)('%s by the schema', (helm) => {
  it.for(Object.entries(GOOD))('lets %s pass', async ([, values]) => {
    const { code, stderr } = await ask(helm, { values });
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  it.for(BAD_SHAPES)('refuses %s', async ([, values, problems]) => {
    expect(await refusedBySchema(helm, { values })).toEqual([...problems].sort());
  });

  it('refuses to go without what has no default, at every verb', async () => {
    const problems = [
      `at '/tbot/version': value must be '${RELEASE}'`,
      `at '/teleport/clusterName': value must be '${CLUSTER}'`,
      `at '/teleport/proxyServer': value must be '${PROXY}'`,
    ];
    expect(await refusedBySchema(helm, { files: [] })).toEqual(problems);
    const { code, stdout } = await ask(helm, { verb: 'lint', files: [] });
    expect(code).toBe(1);
    for (const problem of problems) expect(stdout).toContain(problem);
  });

  it('refuses each type that a Secret cannot hold, and says what to do', async () => {
    const types = [...OUTPUT_TYPES.values()].flatMap(({ type, unsuitable }) =>
      unsuitable === undefined || unsuitable.when !== undefined ? [] : [{ type, ...unsuitable }],
    );
    const outputs = Object.fromEntries(types.map(({ type }, index) => [`o${index}`, { tbot: { type } }]));
    const problems = types.map(({ because, fix }, index) => {
      const text = `${SECRET} (${because}). Fix: ${fix}`.replaceAll("'", "\\'");
      return `at '/bots/payments/outputs/o${index}/tbot/type': value must be '${text}'`;
    });
    const values = { bots: { payments: { ...payments, outputs } } };
    expect(await refusedBySchema(helm, { values })).toEqual(problems.sort());
  });

  it('refuses an output without a field that its type requires', async () => {
    const required = [...OUTPUT_TYPES.values()].flatMap(({ type, fields }) =>
      fields.filter((field) => field.required === true).map(({ name }) => ({ type, name })),
    );
    const types = [...new Set(required.map(({ type }) => type))];
    const outputs = Object.fromEntries(types.map((type, index) => [`o${index}`, { tbot: { type } }]));
    const refused = await refusedBySchema(helm, { values: { bots: { payments: { ...payments, outputs } } } });
    for (const { type, name } of required) {
      const where = `at '/bots/payments/outputs/o${types.indexOf(type)}/tbot': missing propert`;
      expect(refused.filter((line) => line.startsWith(where) && line.includes(`'${name}'`))).toHaveLength(1);
    }
  });

  it('lints the fewest values', async () => {
    expect(await ask(helm, { verb: 'lint' })).toMatchObject({ code: 0 });
  });
});

/** Keys of closed maps; what stands in config.yaml alone has its defaults in the program. */
function keysOf({ properties = {} }: Schema, at: string): string[] {
  return Object.entries(properties).flatMap(([key, below]) => {
    const path = `${at}${key}`;
    const isConfig = ['bots', 'injection', 'telemetry'].includes(path);
    return [path, ...(isConfig ? [] : keysOf(below, `${path}.`))];
  });
}

function writtenKeys(values: YAMLMap, below: Schema, at: string): string[] {
  return values.items.flatMap(({ key, value }) => {
    const name = isScalar(key) ? String(key.value) : '';
    const property = below.properties?.[name];
    const path = `${at}${name}`;
    return [path, ...(isMap(value) && property?.properties ? writtenKeys(value, property, `${path}.`) : [])];
  });
}

function openMaps({ type, properties = {}, additionalProperties, items }: Schema, at: string): string[] {
  const isOpen = type === 'object' && additionalProperties !== false && isAnything(additionalProperties);
  const below: [string, Schema][] = Object.entries(properties).map(([key, value]) => [`${at}.${key}`, value]);
  if (typeof additionalProperties === 'object') below.push([`${at}.*`, additionalProperties]);
  if (items !== undefined) below.push([`${at}[]`, items]);
  return [...(isOpen ? [at] : []), ...below.flatMap(([path, value]) => openMaps(value, path))];
}

function isAnything(value: Schema | undefined): boolean {
  return value === undefined || Object.keys(value).length === 0;
}
