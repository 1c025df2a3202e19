import { GRANT_RULES, NAME_LABEL } from '../../src/config/check-namespaces.ts';
import { INJECTION_LABEL } from '../../src/config/opt-in.ts';
import { saying, type JsonSchema } from './sentences.ts';

const is = (field: string): JsonSchema => ({ properties: { [field]: { const: true } }, required: [field] });
const has = (field: string): JsonSchema => ({ required: [field] });
const narrow: JsonSchema = { anyOf: [has('names'), has('selector')] };

/** A condition that not every opted-in namespace meets, as in src/config/check-namespaces.ts. */
const chooses: JsonSchema = {
  anyOf: [
    {
      required: ['matchLabels'],
      properties: { matchLabels: { not: { propertyNames: { const: INJECTION_LABEL } } } },
    },
    {
      required: ['matchExpressions'],
      properties: {
        matchExpressions: {
          contains: {
            anyOf: [condition('In', [INJECTION_LABEL]), condition('Exists', [INJECTION_LABEL, NAME_LABEL])],
          },
        },
      },
    },
  ],
};

/** By the code of the program's rule: what it lets pass. */
const FITS: Readonly<Record<string, JsonSchema>> = {
  'ambiguous-grant': { not: { allOf: [is('all'), narrow] } },
  'unaccepted-grant': { anyOf: [{ not: is('all') }, is('acceptClusterWide')] },
  'needless-acceptance': { anyOf: [is('all'), { not: is('acceptClusterWide') }] },
  'empty-grant': { anyOf: [is('all'), narrow] },
  'empty-selector': { anyOf: [{ not: has('selector') }, { properties: { selector: chooses } }] },
};

/** What one field of `namespaces` alone cannot tell. */
export const grantRules: readonly JsonSchema[] = GRANT_RULES.map(({ code, field, expected, fix }) => {
  const fits = FITS[code];
  if (fits === undefined) throw new Error(`found no schema for the rule ${code}; expected one in grants.ts`);
  const text = `${expected}. Fix: ${fix}`;
  if (field === '') return saying(fits, text);
  const there = { properties: { [field]: { const: text } } };
  const absent = { const: `a map with ${field} (${expected}). Fix: ${fix}` };
  return { if: { not: fits }, then: { if: has(field), then: there, else: absent } };
});

/** In and NotIn with values, Exists and DoesNotExist without, as Kubernetes wants it. */
export const expressionRules: readonly JsonSchema[] = [
  ...['In', 'NotIn'].map((operator) =>
    withOperator(operator, { minItems: 1 }, `at least one value with ${operator}`, ['values']),
  ),
  ...['Exists', 'DoesNotExist'].map((operator) =>
    withOperator(operator, { maxItems: 0 }, `no values with ${operator}`, []),
  ),
];

function withOperator(
  operator: string,
  fits: JsonSchema,
  expected: string,
  required: readonly string[],
): JsonSchema {
  const values = saying(fits, `${expected}. Fix: correct the values`);
  return {
    if: { properties: { operator: { const: operator } }, required: ['operator'] },
    then: { properties: { values }, ...(required.length === 0 ? {} : { required }) },
  };
}

function condition(operator: string, otherThan: readonly string[]): JsonSchema {
  return {
    properties: { operator: { const: operator }, key: { not: { enum: otherThan } } },
    required: ['operator', 'key'],
  };
}
