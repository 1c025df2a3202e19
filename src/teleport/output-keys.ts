import type { FieldCondition, OutputType } from './output-types.ts';

/** An output's own fields under `tbot:`. */
export type OutputFields = Readonly<Record<string, unknown>>;

export interface SecretKeys {
  /** Every renewal writes these, so a container that waits for them starts with a complete credential. */
  readonly required: readonly string[];
  /** Not every renewal writes these. */
  readonly optional: readonly string[];
}

/** An environment variable that an output can offer. `file` is a key of its Secret, relative to the mount. */
export interface EnvOffer {
  readonly name: string;
  readonly value: { readonly file: string } | 'proxyServer';
  readonly byDefault: boolean;
}

/** The keys that tbot writes for an output of this type with these fields. */
export function secretKeys(type: OutputType, fields: OutputFields): SecretKeys {
  const required: string[] = [];
  const optional: string[] = [];
  for (const rule of type.keys) {
    if (rule.when !== undefined && !conditionHolds(rule.when, fields)) continue;
    (rule.optional === true ? optional : required).push(
      ...rule.keys.map((key) => renamedKey(type, key, fields)),
    );
  }
  return { required, optional };
}

/** The environment variables that this output can offer, with the real file names. */
export function envOffers(type: OutputType, fields: OutputFields): readonly EnvOffer[] {
  return type.env.map((rule) => ({
    ...rule,
    value: rule.value === 'proxyServer' ? rule.value : { file: renamedKey(type, rule.value.file, fields) },
  }));
}

/** Whether the field has one of the condition's values. */
export function conditionHolds(condition: FieldCondition, fields: OutputFields): boolean {
  const value = fields[condition.field];
  if (value === undefined || value === null) return condition.orAbsent === true;
  return condition.is.some((candidate) => candidate === value);
}

function renamedKey(type: OutputType, key: string, fields: OutputFields): string {
  const field = type.keys.find((rule) => rule.keys.includes(key))?.renamedBy;
  const name = field === undefined ? undefined : fields[field];
  return typeof name === 'string' && name !== '' ? name : key;
}
