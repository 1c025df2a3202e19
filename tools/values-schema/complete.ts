import type { JsonSchema } from './sentences.ts';

/** How the pattern of a text begins that may be empty. */
export const EMPTY_OR = '^$|';

/** Keys that a user's few values do not have both: only helm's merged values do. */
const MERGED = ['nameOverride', 'fullnameOverride'];

/**
 * `webhook:` with nothing below is null, and takes the defaults away with it: what is then missing from helm's merged
 * values is refused. A file of few values is no less valid in an editor.
 */
export function refusingNull(schema: JsonSchema): JsonSchema {
  return { ...schema, if: { required: MERGED }, then: complete(schema) };
}

function complete({ properties = {} }: JsonSchema): JsonSchema {
  const needed = Object.entries(properties as Record<string, JsonSchema>).filter(([, value]) =>
    isNeeded(value),
  );
  const below = needed.filter(([, value]) => isClosed(value)).map(([key, value]) => [key, complete(value)]);
  return {
    required: needed.map(([key]) => key),
    ...(below.length === 0 ? {} : { properties: Object.fromEntries(below) as JsonSchema }),
  };
}

/** Nothing is as good as an empty list, map or text, and as what the program has a default for. */
function isNeeded(value: JsonSchema): boolean {
  if ('default' in value || mayBeEmpty(value)) return false;
  if (value['type'] === 'array') return 'minItems' in value;
  return value['type'] === 'object' ? isClosed(value) : 'type' in value || 'anyOf' in value;
}

function mayBeEmpty(value: JsonSchema): boolean {
  const refused = value['if'] as { readonly not?: { readonly pattern?: string } } | undefined;
  return refused?.not?.pattern?.startsWith(EMPTY_OR) === true;
}

function isClosed(value: JsonSchema): boolean {
  return value['additionalProperties'] === false;
}
