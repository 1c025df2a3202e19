import { RESERVED_OUTPUT_FIELDS } from '../../src/teleport/check-output.ts';
import { FIELD_KINDS } from '../../src/teleport/field-checks.ts';
import {
  OUTPUT_TYPES,
  type FieldKind,
  type OutputField,
  type OutputType,
} from '../../src/teleport/output-types.ts';
import { saying, type JsonSchema } from './sentences.ts';

type Unsuitable = NonNullable<OutputType['unsuitable']>;

/** What stands under `tbot` of an output: known fields are checked, unknown ones are tbot's affair. */
export function outputFields(): JsonSchema {
  const types = [...OUTPUT_TYPES.values()];
  return {
    properties: { type: typeField(types), ...reservedFields(RESERVED_OUTPUT_FIELDS) },
    allOf: types.filter((type) => type.fields.length > 0).map(fieldsOfType),
  };
}

/** Fields of tbot that are not the user's to set: no value is right. */
export function reservedFields(fixes: ReadonlyMap<string, string>): JsonSchema {
  return Object.fromEntries([...fixes].map(([name, fix]) => [name, { const: `absent. Fix: ${fix}` }]));
}

function typeField(types: readonly OutputType[]): JsonSchema {
  const usable = types.filter((type) => type.unsuitable?.when !== undefined || !type.unsuitable);
  const others = types.flatMap(({ type, unsuitable }) =>
    unsuitable === undefined || unsuitable.when !== undefined ? [] : [{ type, unsuitable }],
  );
  return others.reduceRight<JsonSchema>(
    (otherwise, { type, unsuitable }) => ({
      if: { const: type },
      then: { const: heldBySecret(unsuitable) },
      else: otherwise,
    }),
    { enum: usable.map((type) => type.type) },
  );
}

function heldBySecret({ because, fix }: Unsuitable): string {
  return `an output that a Secret can hold (${because}). Fix: ${fix}`;
}

function fieldsOfType(type: OutputType): JsonSchema {
  const required = type.fields.filter((field) => field.required === true).map((field) => field.name);
  const properties = type.fields.map((field) => [field.name, fieldSchema(field, type.unsuitable)] as const);
  return {
    if: { properties: { type: { const: type.type } }, required: ['type'] },
    then: {
      ...(required.length === 0 ? {} : { required }),
      properties: Object.fromEntries(properties),
    },
  };
}

/** The program takes null for a field left out. */
function fieldSchema(field: OutputField, unsuitable: Unsuitable | undefined): JsonSchema {
  const rule = unsuitable?.when?.field === field.name ? unsuitable : undefined;
  if (rule?.when !== undefined) {
    return saying({ not: { enum: rule.when.is } }, heldBySecret(rule));
  }
  const shape = SHAPES[field.kind];
  const fits = field.required === true ? { allOf: [shape, { not: { enum: ['', null] } }] } : orNull(shape);
  return saying(fits, FIELD_KINDS[field.kind].text);
}

function orNull(shape: JsonSchema): JsonSchema {
  return { anyOf: [{ type: 'null' }, shape] };
}

const SELECTOR: JsonSchema = {
  type: 'object',
  if: { required: ['name'] },
  then: { properties: { name: { type: 'string', minLength: 1 } }, not: { required: ['labels'] } },
  else: { required: ['labels'], properties: { labels: { type: 'object', minProperties: 1 } } },
};

const SHAPES: Readonly<Record<FieldKind, JsonSchema>> = {
  string: { type: 'string' },
  'file name': { type: 'string', pattern: '^\\.?[A-Za-z0-9_-][A-Za-z0-9._-]{0,251}$' },
  boolean: { type: 'boolean' },
  'on/off': { type: ['string', 'boolean'] },
  strings: { type: 'array', minItems: 1, items: { type: 'string' } },
  selector: SELECTOR,
  selectors: { type: 'array', minItems: 1, items: SELECTOR },
};
