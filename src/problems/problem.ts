/**
 * What is wrong with something a person wrote, in the four parts they need to mend it.
 * Problems are part of the product: their texts are tested.
 */
export interface Problem {
  /** Stable, kebab-case; the `reason` of metrics and audit annotations. */
  readonly code: string;
  /** The place: an annotation key, a configuration path, a field of the pod. */
  readonly where: string;
  readonly found: string;
  readonly expected: string;
  /** What to do, as an imperative sentence without its full stop. */
  readonly fix: string;
}

/** A list that holds at least one element: a refusal always has a reason. */
export type NonEmpty<T> = readonly [T, ...T[]];

export function isNonEmpty<T>(list: readonly T[]): list is NonEmpty<T> {
  return list.length > 0;
}

/** One problem as one line: `outputs: found "dbb"; expected one of a, b. Fix: write "b"`. */
export function printProblem(problem: Problem): string {
  return `${problem.where}: found ${problem.found}; expected ${problem.expected}. Fix: ${problem.fix}`;
}

/** Longest text of a user's that is quoted back; the rest is cut and its length told. */
const LONGEST_QUOTE = 120;

/** A value as it stands in a message: bounded, control characters escaped; of lists and maps only their size. */
export function quote(value: unknown): string {
  if (typeof value === 'string') {
    const cut = value.length > LONGEST_QUOTE;
    return (
      JSON.stringify(cut ? value.slice(0, LONGEST_QUOTE) : value) +
      (cut ? `... (${value.length} characters)` : '')
    );
  }
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `a list of ${value.length}`;
  if (typeof value !== 'object' || value === null) return String(value);
  const size = Object.keys(value).length;
  return size === 0 ? '{}' : `a map of ${size}`;
}

/** What Kubernetes takes for the name of a container or volume; a webhook sees pods before that is checked. */
const NAME = /^[a-z0-9-]{1,63}$/;

/** A name inside a message: as it stands, or quoted where it is none. */
export function printName(name: string): string {
  return NAME.test(name) ? name : quote(name);
}

/** `a, b or c`, for the "expected" of a problem. */
export function oneOf(names: Iterable<string>): string {
  const all = [...names];
  const last = all.pop();
  if (last === undefined) return 'nothing';
  return all.length === 0 ? last : `${all.join(', ')} or ${last}`;
}
