import { isMap, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml';

import type { JsonSchema } from './sentences.ts';

/** Copies the comments of values.yaml to where a schema describes the same values. */
export function describe(schema: JsonSchema, values: string): void {
  const { contents } = parseDocument(values);
  if (!isMap(contents)) throw new Error('found no map in values.yaml; expected one');
  describeMap(schema, contents);
  // A bot's own deployment takes the same keys.
  const tbot = contents.get('tbot');
  const deployment = isMap(tbot) ? tbot.get('deployment') : undefined;
  if (isMap(deployment)) describeMap(at(schema, 'bots', '*', 'deployment'), deployment);
}

function describeMap(schema: JsonSchema, values: YAMLMap): void {
  for (const [index, pair] of values.items.entries()) {
    const key = isScalar(pair.key) ? String(pair.key.value) : '';
    const property = (schema['properties'] as Record<string, JsonSchema> | undefined)?.[key];
    if (property === undefined) continue;
    const comment = commentOf(pair) ?? (index === 0 ? values.commentBefore : undefined);
    if (comment) property['description'] ??= printComment(comment);
    if (isMap(pair.value)) describeMap(property, pair.value);
  }
}

/** What stands above the mark of a value's own comment is about more than it. */
function printComment(comment: string): string {
  return comment
    .replace(/^.* -- /s, '')
    .trim()
    .replace(/\n ?/g, ' ');
}

function commentOf(pair: Pair): string | null | undefined {
  return isScalar(pair.key) ? pair.key.commentBefore : undefined;
}

/** The schema of the value at a path; `*` stands for every key of a map, `[]` for every item of a list. */
export function at(schema: JsonSchema, ...path: readonly string[]): JsonSchema {
  return path.reduce((owner, step) => {
    if (step === '*') return owner['additionalProperties'] as JsonSchema;
    if (step === '[]') return owner['items'] as JsonSchema;
    return (owner['properties'] as JsonSchema)[step] as JsonSchema;
  }, schema);
}
