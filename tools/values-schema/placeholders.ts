import { NAMESPACE_PLACEHOLDER, PLACEHOLDER } from '../../src/teleport/field-checks.ts';
import { saying, type JsonSchema } from './sentences.ts';

const FIX = 'Fix: write the value itself';
const NONE = `no placeholder here. ${FIX}`;

/** A text without `$(...)`. */
export const withoutPlaceholders = saying({ not: { type: 'string', pattern: PLACEHOLDER.source } }, NONE);

/** A text whose every `$(...)` is that of the namespace. */
const ofNamespace = saying(
  { pattern: `^([^$]|\\$+[^$(]|\\$+${escaped(NAMESPACE_PLACEHOLDER.slice(1))})*(\\$+(\\([^)]*)?)?$` },
  `no placeholder but ${NAMESPACE_PLACEHOLDER}. ${FIX}`,
);

/** By their names, to refer to: what stands under `tbot`, at any depth. Keys take no placeholders. */
export const PLACEHOLDER_DEFINITIONS: Readonly<Record<string, JsonSchema>> = {
  withoutPlaceholders: everywhere('withoutPlaceholders', withoutPlaceholders),
  placeholdersOfNamespace: everywhere('placeholdersOfNamespace', ofNamespace),
};

export function definition(name: keyof typeof PLACEHOLDER_DEFINITIONS): JsonSchema {
  return { $ref: `#/definitions/${name}` };
}

function everywhere(name: string, text: JsonSchema): JsonSchema {
  const below = definition(name);
  return {
    allOf: [text],
    patternProperties: { [PLACEHOLDER.source]: { const: NONE } },
    additionalProperties: below,
    items: below,
  };
}

function escaped(text: string): string {
  return text.replace(/[()$]/g, '\\$&');
}
