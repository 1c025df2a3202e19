/**
 * What is wrong with a user's input, in the four parts that the user needs to fix it. The texts of problems are part of
 * the product, and tested.
 */
export interface Problem {
  /** Stable and in kebab-case: the `reason` of metrics and audit annotations. */
  readonly code: string;
  /** The place: an annotation key, a configuration path, a field of the pod. */
  readonly where: string;
  readonly found: string;
  readonly expected: string;
  /** An imperative sentence without its full stop. */
  readonly fix: string;
}

/** A list of at least one element: a refusal always has a problem. */
export type NonEmpty<T> = readonly [T, ...T[]];

export function isNonEmpty<T>(list: readonly T[]): list is NonEmpty<T> {
  return list.length > 0;
}

/** Prints a problem as one line: `outputs: found "dbb"; expected a or b. Fix: write b`. */
export function printProblem(problem: Problem): string {
  return `${problem.where}: found ${problem.found}; expected ${problem.expected}. Fix: ${problem.fix}`;
}

/** A longer text of a user is cut, and its length is added. */
const MAX_QUOTE_LENGTH = 120;

/** Prints a value for a message: cut, with control characters escaped; lists and maps only with their size. */
export function quote(value: unknown): string {
  if (typeof value === 'string') {
    const cut = value.length > MAX_QUOTE_LENGTH;
    return (
      JSON.stringify(cut ? value.slice(0, MAX_QUOTE_LENGTH) : value) +
      (cut ? `... (${value.length} characters)` : '')
    );
  }
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `a list of ${value.length}`;
  if (typeof value !== 'object' || value === null) return String(value);
  const size = Object.keys(value).length;
  return size === 0 ? '{}' : `a map of ${size}`;
}

/** The names that Kubernetes allows for containers and volumes. A webhook gets a pod before Kubernetes validates them. */
const OBJECT_NAME = /^[a-z0-9-]{1,63}$/;

/** Prints a name for a message; a name that Kubernetes does not allow is quoted. */
export function printName(name: string): string {
  return OBJECT_NAME.test(name) ? name : quote(name);
}

/** `a, b or c`, for the "expected" of a problem. */
export function oneOf(names: Iterable<string>): string {
  const all = [...names];
  const last = all.pop();
  if (last === undefined) return 'nothing';
  return all.length === 0 ? last : `${all.join(', ')} or ${last}`;
}
