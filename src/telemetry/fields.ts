/**
 * The allow-list of the log: every field that a line may carry, and how its value is taken. A field that is not
 * here, or whose value is of another kind, does not reach the log, at run time too: tokens have got into the logs of
 * others by way of whole requests, environment values and the causes of errors (CVE-2023-2878, CVE-2024-3744).
 */
export const LOG_FIELDS = {
  /** The AdmissionReview's uid: ties a line to the API server's audit log. */
  uid: text,
  endpoint: text,
  namespace: text,
  /** Of the pod or other object; a pod made by a controller has only a `generateName` yet. */
  name: text,
  generateName: text,
  kind: text,
  operation: text,
  outcome: text,
  /** The code of a problem. */
  reason: text,
  outputs: texts,
  warnings: count,
  durationMs: count,
  /** The code of an error, and its message: see `errorFields`. */
  code: text,
  error: text,
  status: count,
  port: count,
  version: text,
  signal: text,
  /** What is watched, as `namespaces`. */
  resource: text,
  /** Who leads, or has led. */
  holder: text,
  controller: text,
  bot: text,
  shard: count,
  failures: count,
  delayMs: count,
  count,
  path: text,
  notAfter: text,
} as const satisfies Record<string, (value: unknown) => unknown>;

/** `{uid?: string, outputs?: readonly string[], port?: number, ...}`, from the list above. */
export type LogFields = {
  readonly [Field in keyof typeof LOG_FIELDS]?:
    Exclude<ReturnType<(typeof LOG_FIELDS)[Field]>, undefined> | undefined;
};

const LONGEST_TEXT = 500;
const LONGEST_LIST = 50;

/** The part of `fields` that may be logged; an object with known fields only. */
export function allowed(fields: LogFields): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [field, take] of Object.entries(LOG_FIELDS)) {
    if (!Object.hasOwn(fields, field)) continue;
    const value = take(fields[field as keyof LogFields]);
    if (value !== undefined) kept[field] = value;
  }
  return kept;
}

/**
 * Code and message of something thrown, and nothing else of it: stacks and causes carry what they were about.
 * A SyntaxError's message quotes the text that could not be parsed, so of that one only the kind is told.
 */
export function errorFields(thrown: unknown): Pick<LogFields, 'code' | 'error'> {
  if (!(thrown instanceof Error)) return { error: 'something was thrown that is no Error' };
  const error = thrown instanceof SyntaxError ? 'a text could not be parsed' : thrown.message;
  return 'code' in thrown && typeof thrown.code === 'string' ? { code: thrown.code, error } : { error };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, LONGEST_TEXT) : undefined;
}

function texts(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.slice(0, LONGEST_LIST).flatMap((each) => text(each) ?? []);
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
