import { PREFIX } from '../../src/config/opt-in.ts';

/** Annotations with our prefix, from keys without it. */
export function withPrefix(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [PREFIX + key, value]));
}
