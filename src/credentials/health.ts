import type { Config } from '../config/schema.ts';
import { DEFAULT_RENEWAL, DEFAULT_TTL } from '../teleport/bot-fields.ts';
import { parseDuration } from '../teleport/duration.ts';
import type { ObservedSecret } from './observed.ts';
import type { Destination } from './desired-state.ts';

/** The age of a credential, known without reading the credential. */
export type Health = 'never-written' | 'stale' | 'fresh';

export interface CredentialLifetime {
  /** From issue to expiry. */
  readonly ttlMs: number;
  /** From one renewal to the next. */
  readonly renewalMs: number;
}

type TbotFields = Readonly<Record<string, unknown>>;

/**
 * The lifetime in tbot's own fields of a bot, which were validated when the configuration was loaded.
 * @param ofOutput tbot's fields of the output, which may set both on its own
 */
export function readLifetime(ofBot: TbotFields, ofOutput: TbotFields = {}): CredentialLifetime {
  const read = (name: string, fallback: string): number => {
    const value = ofOutput[name] ?? ofBot[name];
    return (parseDuration(typeof value === 'string' ? value : fallback) ?? 0) * 1000;
  };
  return {
    ttlMs: read('credential_ttl', DEFAULT_TTL),
    renewalMs: read('renewal_interval', DEFAULT_RENEWAL),
  };
}

/** tbot tries five times in an interval, so one late renewal is normal. */
const TOLERANCE_MS = 5 * 60_000;

/** Stale: two renewals in a row are missing, or the credential has expired. All times in milliseconds since the epoch. */
export function healthOf(
  writtenAt: number | undefined,
  { ttlMs, renewalMs }: CredentialLifetime,
  now: number,
): Health {
  if (writtenAt === undefined) return 'never-written';
  return now - writtenAt > Math.min(ttlMs, 2 * renewalMs + TOLERANCE_MS) ? 'stale' : 'fresh';
}

/** Whether a pod that starts now gets a credential, and one that tbot renews. */
export function isFresh(
  { bot, output }: Destination,
  secret: Pick<ObservedSecret, 'writtenAt'> | undefined,
  bots: Config['bots'],
  now: number,
): boolean {
  const settings = bots[bot];
  const own = settings?.outputs[output];
  if (settings === undefined || own === undefined) return false;
  return healthOf(secret?.writtenAt, readLifetime(settings.tbot, own.tbot), now) === 'fresh';
}

/** Key of the ConfigMap that the controller writes for the webhook. */
export const STATUS_KEY = 'status.json';

/** Outputs by namespace; all others are fresh. */
export interface CredentialStatus {
  readonly neverWritten: Readonly<Record<string, readonly string[]>>;
  readonly stale: Readonly<Record<string, readonly string[]>>;
}

export interface CredentialHealth {
  readonly destination: Destination;
  readonly health: Health;
}

/** A ConfigMap holds 1 MiB. Credentials beyond this get no warning at admission, and lose nothing else. */
const MAX_STATUS_BYTES = 900_000;

/** The value of {@link STATUS_KEY}. It does not depend on the order of the credentials. */
export function printStatus(credentials: readonly CredentialHealth[]): string {
  const listed = credentials
    .filter(({ health }) => health !== 'fresh')
    .map(({ destination: { namespace, output }, health }) => ({ namespace, output, health }))
    .toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  const fitting = listed.slice(0, countWithin(listed, MAX_STATUS_BYTES));
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

/** How many fit into `bytes`. Names are ASCII; each comes with quotation marks, brackets and commas. */
function countWithin(
  outputs: readonly { readonly namespace: string; readonly output: string }[],
  bytes: number,
): number {
  let size = 0;
  const first = outputs.findIndex((each) => (size += key(each).length + '"":["",],'.length) > bytes);
  return first === -1 ? outputs.length : first;
}

function key({ namespace, output }: { readonly namespace: string; readonly output: string }): string {
  return `${namespace}/${output}`;
}

/** Reads what {@link printStatus} printed; any other text is an empty status. */
export function readStatus(text: string): CredentialStatus {
  const read = parseStatus(text);
  return { neverWritten: outputsByNamespace(read?.neverWritten), stale: outputsByNamespace(read?.stale) };
}

function parseStatus(text: string): Partial<Record<keyof CredentialStatus, unknown>> | undefined {
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
