import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { schemaAt } from '../../src/config/schema-problems.ts';
import { printPath, schemaProblems } from '../../src/config/schema-problems.ts';
import { printProblem } from '../../src/problems/problem.ts';

function problemsOf(schema: z.ZodType, value: unknown): string[] {
  const issues = schema.safeParse(value).error?.issues ?? [];
  return schemaProblems(schema, value, issues).map(printProblem);
}

it.each([
  [[], 'config.yaml'],
  [['bots'], 'bots'],
  [['bots', 'a', 'names', 0], 'bots.a.names[0]'],
  [[0, 'a'], '[0].a'],
])('the path %j is printed as %s', (path, text) => {
  expect(printPath(path)).toBe(text);
});

describe('the schema at a path', () => {
  const leaf = z.string();
  const schema = z.object({ list: z.array(z.record(z.string(), leaf)).optional() }).default({});

  it('is found through maps, lists, defaults and optionals', () => {
    expect(schemaAt(schema, ['list', 0, 'x'])).toBe(leaf);
    expect(schemaAt(schema, [])).toBe(schema);
  });

  it('is undefined past the end', () => {
    expect(schemaAt(schema, ['nothing'])).toBeUndefined();
    expect(schemaAt(schema, ['list', 0, 'x', 'y'])).toBeUndefined();
  });
});

describe('a value whose schema has no text', () => {
  it('is reported with its type', () => {
    expect(
      problemsOf(z.object({ a: z.number(), b: z.record(z.string(), z.string()) }), { a: 'x', b: 1 }),
    ).toEqual([
      'a: found "x"; expected a value of type number. Fix: correct a',
      'b: found 1; expected a map. Fix: correct b',
    ]);
  });
});
