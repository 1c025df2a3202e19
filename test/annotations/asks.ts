import { PREFIX } from '../../src/config/opt-in.ts';

/** Annotations of ours, written without their prefix. */
export function ours(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [PREFIX + key, value]));
}
