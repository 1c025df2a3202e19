import { closest } from '../problems/closest.ts';
import { oneOf, quote, type Problem } from '../problems/problem.ts';
import type { FieldKind } from './output-types.ts';

export interface Findings {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** The warning of an unknown field. The field is passed to tbot, so that a new Teleport needs no new release of ours. */
export function unknownField(name: string, known: readonly string[], at: string): Problem {
  const near = closest(name, known);
  return {
    code: 'unknown-field',
    where: `${at}.${name}`,
    found: 'a field that is not known here, passed to tbot as it is',
    expected: oneOf(known),
    fix:
      near === undefined ? "check the spelling against tbot's reference" : `write ${near} if that was meant`,
  };
}

/** The problem of a tbot field that a user must not set. */
export function reservedField(name: string, value: unknown, fix: string, at: string): Problem {
  return {
    code: 'reserved-field',
    where: `${at}.${name}`,
    found: quote(value),
    expected: `no ${name} here`,
    fix,
  };
}

export const FIELD_KINDS: Readonly<
  Record<FieldKind, { readonly text: string; fits(value: unknown): boolean }>
> = {
  string: { text: 'a string', fits: (value) => typeof value === 'string' },
  'file name': { text: 'a file name: letters, digits, "-", "_" and "."', fits: isFileName },
  boolean: { text: 'true or false', fits: (value) => typeof value === 'boolean' },
  'on/off': { text: 'on or off', fits: (value) => typeof value === 'string' || typeof value === 'boolean' },
  strings: {
    text: 'a list of at least one string',
    fits: (value) =>
      Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string'),
  },
  selector: { text: 'a map with either name or labels', fits: isSelector },
  selectors: {
    text: 'a list of at least one map with either name or labels',
    fits: (value) => Array.isArray(value) && value.length > 0 && value.every(isSelector),
  },
};

/** Either a name or labels, and not empty. */
function isSelector(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { name, labels } = value as { name?: unknown; labels?: unknown };
  if (name !== undefined) return labels === undefined && typeof name === 'string' && name !== '';
  return (
    typeof labels === 'object' && labels !== null && !Array.isArray(labels) && Object.keys(labels).length > 0
  );
}

/** Whether a value is a key of a Secret, which is a file name below the mount. */
function isFileName(value: unknown): boolean {
  return typeof value === 'string' && /^\.?[A-Za-z0-9_-][A-Za-z0-9._-]{0,251}$/.test(value);
}

/** The placeholder for the consumer's namespace in an output's own fields, so that one output serves all namespaces. */
export const NAMESPACE_PLACEHOLDER = '$(NAMESPACE)';

export const PLACEHOLDER = /\$\([^)]*\)/g;

/**
 * Problems of every `$(...)` in the keys and strings of `value`, at any depth, that is not allowed: it would get to tbot
 * unchanged.
 * @param at path of `value`
 */
export function placeholderProblems(
  value: unknown,
  at: string,
  allowed: readonly string[] = [NAMESPACE_PLACEHOLDER],
): Problem[] {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, child]) => [
      ...placeholdersInText(key, `${at}.${key}`, []),
      ...placeholderProblems(child, `${at}.${key}`, allowed),
    ]);
  }
  return typeof value === 'string' ? placeholdersInText(value, at, allowed) : [];
}

function placeholdersInText(text: string, at: string, allowed: readonly string[]): Problem[] {
  return [...text.matchAll(PLACEHOLDER)].flatMap(([found]) => {
    if (allowed.includes(found)) return [];
    const near = closest(
      found.slice('$('.length, -1),
      allowed.map((each) => each.slice('$('.length, -1)),
    );
    const fix = near === undefined ? 'write the value itself' : `write $(${near})`;
    const expected = allowed.length === 0 ? 'no placeholder here' : oneOf(allowed);
    return [{ code: 'unknown-placeholder', where: at, found, expected, fix }];
  });
}
