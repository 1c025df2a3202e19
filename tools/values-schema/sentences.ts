import { isDeepStrictEqual } from 'node:util';

import type { z } from 'zod';

/** Draft 7, as far as it is written here. */
export interface JsonSchema {
  [keyword: string]: unknown;
}

interface Definition {
  readonly type: string;
  readonly checks?: readonly { readonly _zod: { readonly def: WithText } }[];
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly innerType?: z.core.$ZodType;
}

interface WithText {
  readonly error?: (issue: object) => string | { readonly message: string };
}

const LIMITS = ['pattern', 'minLength', 'maxLength'] as const;

/**
 * Refuses in words what does not fit: helm prints `value must be '<expected>'`, where else it would print a regular
 * expression. The sentence itself would pass, and be refused by the program.
 */
export function saying(fits: JsonSchema, expected: string): JsonSchema {
  return { if: { not: fits }, then: { const: expected } };
}

/** For each schema that zod prints: its texts, which are the "expected" of the program's own problems. */
export function speak(context: {
  readonly zodSchema: z.core.$ZodTypes;
  readonly jsonSchema: JsonSchema;
}): void {
  const { zodSchema, jsonSchema } = context;
  if (jsonSchema['type'] === 'string') speakOfText(zodSchema, jsonSchema);
  if (jsonSchema['additionalProperties'] === false) speakOfKeys(zodSchema, jsonSchema);
  // All keys are strings: no need to say so.
  if (isDeepStrictEqual(jsonSchema['propertyNames'], { type: 'string' })) {
    Reflect.deleteProperty(jsonSchema, 'propertyNames');
  }
}

function speakOfText(zodSchema: z.core.$ZodType, jsonSchema: JsonSchema): void {
  const limits = LIMITS.filter((limit) => limit in jsonSchema);
  const expected = textOf(zodSchema);
  if (limits.length === 0 || expected === undefined) return;
  const [example] = (jsonSchema['examples'] ?? []) as readonly string[];
  const fits = Object.fromEntries(limits.map((limit) => [limit, jsonSchema[limit]]));
  for (const limit of limits) Reflect.deleteProperty(jsonSchema, limit);
  Object.assign(
    jsonSchema,
    saying(fits, example === undefined ? expected : `${expected}, such as ${example}`),
  );
}

/** The closed map names its keys where one is unknown, and those it needs where one is missing. */
function speakOfKeys(zodSchema: z.core.$ZodType, jsonSchema: JsonSchema): void {
  const properties = jsonSchema['properties'] as JsonSchema;
  jsonSchema['propertyNames'] = { enum: Object.keys(properties) };
  const required = jsonSchema['required'] as readonly string[] | undefined;
  if (required === undefined) return;
  const { shape = {} } = definitionOf(zodSchema);
  const texts = required.map((key) => {
    const text = shape[key] === undefined ? undefined : textOf(shape[key]);
    return text === undefined ? key : `${key} (${text})`;
  });
  Object.assign(jsonSchema, saying({ required }, `a map with ${texts.join(', ')}`));
}

/** What a schema says of itself: the text of its last rule, else of its type. */
function textOf(zodSchema: z.core.$ZodType): string | undefined {
  const definition = definitionOf(zodSchema);
  const rules = [definition as WithText, ...(definition.checks ?? []).map((check) => check._zod.def)];
  const texts = rules.flatMap(({ error }) => (error === undefined ? [] : [error({})]));
  const last = texts.at(-1);
  return typeof last === 'object' ? last.message : last;
}

function definitionOf(zodSchema: z.core.$ZodType): Definition {
  const definition = zodSchema._zod.def as unknown as Definition;
  return definition.innerType === undefined ? definition : definitionOf(definition.innerType);
}
