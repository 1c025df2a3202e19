import { adviceOn } from './advice.ts';
import type { CredentialHealth, Health } from './health.ts';
import type { ServiceStatus } from './readiness.ts';

/** How a credential is, by its Secret and by what its tbot says. */
export type CredentialState =
  | 'ready'
  /** Never written, and tbot has not said that it cannot. */
  | 'pending'
  /** tbot says that it cannot write it; what is there may still be good. */
  | 'failing'
  | 'stale';

export interface ObservedCredential extends CredentialHealth {
  /** undefined: tbot was not asked, or it has not tried yet. */
  readonly status: ServiceStatus | undefined;
  /** Why tbot can renew nothing at all. */
  readonly identityFailure: string | undefined;
}

/** What is remembered of a credential. */
export interface ReportedCredential {
  readonly health: Health;
  readonly state: CredentialState;
  /** What the last Event gave as tbot's reason, and when that was, in milliseconds since the epoch. */
  readonly message: string | undefined;
  readonly reportedAt: number;
}

/** What people are to hear of it. */
export interface CredentialEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: 'CredentialReady' | 'CredentialFailing' | 'CredentialStale';
  readonly note: string;
}

export interface CredentialEventDecision {
  readonly reported: ReportedCredential;
  readonly event: CredentialEvent | undefined;
}

/**
 * Kubernetes forgets an Event after an hour. Not more often: reasons carry addresses and times, and so change with each
 * attempt.
 */
const REPEAT_AFTER_MS = 55 * 60_000;

/** What is news about a credential: that it is well or ill, and, within the hour, that it still is, and why by now. */
export function decideCredentialEvent(
  before: ReportedCredential | undefined,
  diagnosis: ObservedCredential,
  now: number,
): CredentialEventDecision {
  const { health } = diagnosis;
  const state = credentialStateOf(before, diagnosis);
  if (state === 'ready' || state === 'pending') {
    const isReady = state === 'ready' && before !== undefined && before.state !== 'ready';
    const event = isReady ? readyEvent(before, diagnosis) : undefined;
    return { reported: { health, state, message: undefined, reportedAt: now }, event };
  }
  const isSame = before?.state === state;
  // While tbot is silent, what it said last is the best that is known.
  const says = tbotMessage(diagnosis) ?? (isSame ? before.message : undefined);
  // Of trouble that nobody has confirmed since nothing is repeated.
  const isSilent = state === 'failing' && diagnosis.status === undefined;
  if (isSame && (isSilent || !isWorthRepeating(before, says, now))) {
    return { reported: { ...before, health }, event: undefined };
  }
  const event = state === 'stale' ? staleEvent(diagnosis, says) : failingEvent(diagnosis, says);
  return { reported: { health, state, message: says, reportedAt: now }, event };
}

function credentialStateOf(
  before: ReportedCredential | undefined,
  { health, status }: ObservedCredential,
): CredentialState {
  if (health === 'stale') return 'stale';
  if (status?.kind === 'unhealthy') return 'failing';
  // Silence is no recovery.
  if (status === undefined && before?.state === 'failing' && before.health === health) return 'failing';
  return health === 'fresh' ? 'ready' : 'pending';
}

function isWorthRepeating(
  { message, reportedAt }: ReportedCredential,
  says: string | undefined,
  now: number,
): boolean {
  const isFirstReason = message === undefined && says !== undefined;
  return isFirstReason || Math.abs(now - reportedAt) >= REPEAT_AFTER_MS;
}

function tbotMessage({ status, identityFailure }: ObservedCredential): string | undefined {
  if (status?.kind === 'unhealthy')
    return status.reason === '' ? 'gives no reason' : `says "${status.reason}"`;
  if (identityFailure === undefined) return undefined;
  return `says of its own identity "${identityFailure}"`;
}

function staleEvent({ destination }: ObservedCredential, says: string | undefined): CredentialEvent {
  const { secretName, output, bot } = destination;
  const why = says === undefined ? '' : ` and ${says}`;
  return {
    type: 'Warning',
    reason: 'CredentialStale',
    note:
      `Secret ${secretName} of output ${output} is not renewed: tbot has missed two renewals${why}. ` +
      `Fix: ${adviceOn(says, bot)}`,
  };
}

function failingEvent(
  { destination, health }: ObservedCredential,
  says = 'gives no reason',
): CredentialEvent {
  const { secretName, output, bot } = destination;
  const [cannot, meanwhile] =
    health === 'fresh'
      ? ['renew', 'What is in it stays valid until it expires']
      : ['write', 'Pods that ask for it wait'];
  return {
    type: 'Warning',
    reason: 'CredentialFailing',
    note:
      `tbot cannot ${cannot} Secret ${secretName} of output ${output}, and ${says}. ` +
      `${meanwhile}. Fix: ${adviceOn(says, bot)}`,
  };
}

function readyEvent(
  before: ReportedCredential,
  { destination: { secretName, output } }: ObservedCredential,
): CredentialEvent {
  const note =
    before.health === 'fresh'
      ? `tbot renews Secret ${secretName} of output ${output} again`
      : `tbot has written Secret ${secretName} of output ${output}`;
  return { type: 'Normal', reason: 'CredentialReady', note };
}
