import type { JsonSchema } from './sentences.ts';

/** A value that is there and fits. `*` is every key of a map. */
export function within(path: readonly string[], fits: JsonSchema): JsonSchema {
  return below(path, fits, true);
}

/** A value that fits where it is there. */
export function of(path: readonly string[], fits: JsonSchema): JsonSchema {
  return below(path, fits, false);
}

function below([step, ...rest]: readonly string[], fits: JsonSchema, isRequired: boolean): JsonSchema {
  if (step === undefined) return fits;
  const child = below(rest, fits, isRequired);
  if (step === '*') return { additionalProperties: child };
  return { properties: { [step]: child }, ...(isRequired ? { required: [step] } : {}) };
}
