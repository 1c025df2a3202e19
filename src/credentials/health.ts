import type { Config } from '../config/schema.ts';
import { DEFAULT_RENEWAL, DEFAULT_TTL } from '../teleport/bot-fields.ts';
import { parseDuration } from '../teleport/duration.ts';
import type { ObservedSecret } from './observed.ts';
import type { Destination } from './desired-state.ts';

/** What can be known of a credential without reading it. */
export type Health = 'never-written' | 'stale' | 'fresh';

export interface Freshness {
  /** Milliseconds that a credential lives. */
  readonly ttlMs: number;
  /** Milliseconds from one renewal to the next. */
  readonly renewalMs: number;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * From tbot's own top-level fields of a bot, which were checked when the configuration was loaded; an output may have
 * both of its own.
 */
export function freshnessOf(fields: Fields, ofOutput: Fields = {}): Freshness {
  const read = (name: string, fallback: string): number => {
    const value = ofOutput[name] ?? fields[name];
    return (parseDuration(typeof value === 'string' ? value : fallback) ?? 0) * 1000;
  };
  return {
    ttlMs: read('credential_ttl', DEFAULT_TTL),
    renewalMs: read('renewal_interval', DEFAULT_RENEWAL),
  };
}

/** tbot tries five times in an interval, so one late renewal is no news. */
const TOLERANCE_MS = 5 * 60_000;

/** Stale: two renewals in a row have not come, or the credential must have ended. */
export function healthOf(
  writtenAt: number | undefined,
  { ttlMs, renewalMs }: Freshness,
  now: number,
): Health {
  if (writtenAt === undefined) return 'never-written';
  return now - writtenAt > Math.min(ttlMs, 2 * renewalMs + TOLERANCE_MS) ? 'stale' : 'fresh';
}

/** Whether a pod that starts now gets a credential there, and one that is renewed. */
export function isFresh(
  { bot, output }: Destination,
  secret: Pick<ObservedSecret, 'writtenAt'> | undefined,
  bots: Config['bots'],
  now: number,
): boolean {
  const settings = bots[bot];
  const own = settings?.outputs[output];
  if (settings === undefined || own === undefined) return false;
  return healthOf(secret?.writtenAt, freshnessOf(settings.tbot, own.tbot), now) === 'fresh';
}

/** The key of the ConfigMap by which the controller tells the webhook. */
export const STATUS_KEY = 'status.json';

/** Outputs by namespace; what is not named is fresh. */
export interface CredentialStatus {
  readonly neverWritten: Readonly<Record<string, readonly string[]>>;
  readonly stale: Readonly<Record<string, readonly string[]>>;
}

export interface Checkup {
  readonly destination: Destination;
  readonly health: Health;
}

/** Bytes: a ConfigMap holds 1 MiB. Who does not fit gets no warning, which is no more than what everybody had before. */
const MOST_BYTES = 900_000;

/** The same for the same credentials, in whatever order they come. */
export function printStatus(checkups: readonly Checkup[]): string {
  const named = checkups
    .filter(({ health }) => health !== 'fresh')
    .map(({ destination: { namespace, output }, health }) => ({ namespace, output, health }))
    .toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  const fitting = named.slice(0, countWithin(named, MOST_BYTES));
  const of = (health: Health) => {
    const chosen = Object.groupBy(
      fitting.filter((each) => each.health === health),
      ({ namespace }) => namespace,
    );
    return Object.fromEntries(
      Object.entries(chosen).map(([namespace, each = []]) => [namespace, each.map(({ output }) => output)]),
    );
  };
  return JSON.stringify({ neverWritten: of('never-written'), stale: of('stale') } satisfies CredentialStatus);
}

/** How many of them fit into so many bytes; names are ASCII, and each has quotation marks, brackets and commas with it. */
function countWithin(
  named: readonly { readonly namespace: string; readonly output: string }[],
  bytes: number,
): number {
  let size = 0;
  const first = named.findIndex((each) => (size += key(each).length + '"":["",],'.length) > bytes);
  return first === -1 ? named.length : first;
}

function key({ namespace, output }: { readonly namespace: string; readonly output: string }): string {
  return `${namespace}/${output}`;
}

/** What the controller has printed; of anything else, nothing. */
export function readStatus(text: string): CredentialStatus {
  const read = parse(text);
  return { neverWritten: outputsByNamespace(read?.neverWritten), stale: outputsByNamespace(read?.stale) };
}

function parse(text: string): Partial<Record<keyof CredentialStatus, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function outputsByNamespace(value: unknown): Readonly<Record<string, readonly string[]>> {
  const entries = Object.entries(typeof value === 'object' && value !== null ? value : {});
  const read = Object.create(null) as Record<string, readonly string[]>;
  for (const [namespace, outputs] of entries) {
    if (Array.isArray(outputs)) read[namespace] = outputs.filter((each) => typeof each === 'string');
  }
  return read;
}
