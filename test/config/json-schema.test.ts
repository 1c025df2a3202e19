import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { schemaAt } from '../../src/config/schema-problems.ts';
import { configSchema, printJsonSchema } from '../../src/config/schema.ts';

describe('the JSON Schema', () => {
  it('is docs/config.schema.json', async () => {
    const file = await readFile(new URL('../../docs/config.schema.json', import.meta.url), 'utf8');
    expect(printJsonSchema()).toBe(file);
  });

  it('has only examples and defaults that the schema accepts', () => {
    const values = valuesOf(JSON.parse(printJsonSchema()) as JsonSchema, []);
    expect(values.length).toBeGreaterThan(10);
    for (const { path, value } of values) {
      const schema = schemaAt(configSchema, path) as z.ZodType;
      expect(schema.safeParse(value).error, path.join('.')).toBeUndefined();
    }
  });
});

interface JsonSchema {
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
}

function valuesOf(
  schema: JsonSchema,
  path: readonly string[],
): { path: readonly string[]; value: unknown }[] {
  const own = [...(schema.examples ?? []), ...('default' in schema ? [schema.default] : [])];
  const named = Object.entries(schema.properties ?? {});
  const others =
    typeof schema.additionalProperties === 'object' ? [['any', schema.additionalProperties] as const] : [];
  return [
    ...own.map((value) => ({ path, value })),
    ...[...named, ...others].flatMap(([step, child]) => valuesOf(child, [...path, step])),
  ];
}
