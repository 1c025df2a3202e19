/**
 * The allow-list of the log: each field that a line may carry, and the reader of its value. A field that is not listed, or
 * has a value of another type, does not reach the log, at run time either. Other projects leaked tokens into their logs
 * through whole requests, environment values and the causes of errors (CVE-2023-2878, CVE-2024-3744).
 */
export const LOG_FIELDS = {
  /** The uid of the AdmissionReview: the audit log of the API server has it, too. */
  uid: text,
  endpoint: text,
  namespace: text,
  /** Name of the pod or other object. A pod made by a controller still has only a `generateName` at admission. */
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
  /** The resource of an informer, for example `namespaces`. */
  resource: text,
  /** The holder of the Lease. */
  holder: text,
  /** The name of a reconciler, and what it reconciles: a namespace, or a shard as `bot/0`. */
  controller: text,
  key: text,
  bot: text,
  shard: count,
  failures: count,
  delayMs: count,
  count,
  path: text,
  notAfter: text,
} as const satisfies Record<string, (value: unknown) => unknown>;

/** `{uid?: string, outputs?: readonly string[], port?: number, ...}`, typed from the list above. */
export type LogFields = {
  readonly [Field in keyof typeof LOG_FIELDS]?:
    Exclude<ReturnType<(typeof LOG_FIELDS)[Field]>, undefined> | undefined;
};

const MAX_TEXT_LENGTH = 500;
const MAX_LIST_LENGTH = 50;

/** Returns the part of `fields` that may be logged. */
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
 * Returns code and message of a thrown value, and nothing else of it: stack and cause may quote secret input. The message of
 * a SyntaxError quotes the text that could not be parsed, so a fixed sentence replaces it.
 */
export function errorFields(thrown: unknown): Pick<LogFields, 'code' | 'error'> {
  if (!(thrown instanceof Error)) return { error: 'something was thrown that is no Error' };
  const error = thrown instanceof SyntaxError ? 'a text could not be parsed' : thrown.message;
  return 'code' in thrown && typeof thrown.code === 'string' ? { code: thrown.code, error } : { error };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, MAX_TEXT_LENGTH) : undefined;
}

function texts(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.slice(0, MAX_LIST_LENGTH).flatMap((each) => text(each) ?? []);
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
