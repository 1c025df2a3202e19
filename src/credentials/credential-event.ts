import type { CredentialHealth, Health } from './health.ts';
import type { ServiceStatus } from './readiness.ts';

/** The state of a credential, by its Secret and by the report of its tbot. */
export type CredentialState =
  | 'ready'
  /** Never written, and tbot has not reported that it cannot. */
  | 'pending'
  /** tbot reports that it cannot write it; what is in the Secret may still be valid. */
  | 'failing'
  | 'stale';

export interface ObservedCredential extends CredentialHealth {
  /** undefined: tbot was not asked, or it has not tried yet. */
  readonly status: ServiceStatus | undefined;
  /** Why tbot can renew nothing at all. */
  readonly identityFailure: string | undefined;
}

/** What the last Event of a credential said. */
export interface ReportedCredential {
  readonly health: Health;
  readonly state: CredentialState;
  /** tbot's message in that Event. */
  readonly message: string | undefined;
  /** Milliseconds since the epoch. */
  readonly reportedAt: number;
}

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
 * Kubernetes deletes an Event after an hour. It is not repeated more often: messages carry addresses and times, so they
 * differ at each attempt.
 */
const REPEAT_AFTER_MS = 55 * 60_000;

/**
 * Whether a credential needs an Event: its state has changed, tbot's first message came, or the Event of a failure would
 * expire.
 * @param now milliseconds since the epoch
 */
export function decideCredentialEvent(
  before: ReportedCredential | undefined,
  credential: ObservedCredential,
  now: number,
): CredentialEventDecision {
  const { health } = credential;
  const state = credentialStateOf(before, credential);
  if (state === 'ready' || state === 'pending') {
    const isReady = state === 'ready' && before !== undefined && before.state !== 'ready';
    const event = isReady ? readyEvent(before, credential) : undefined;
    return { reported: { health, state, message: undefined, reportedAt: now }, event };
  }
  const isSame = before?.state === state;
  // While tbot reports nothing, its last message stays the best explanation.
  const message = tbotMessage(credential) ?? (isSame ? before.message : undefined);
  // A failure that tbot has not confirmed since is not repeated.
  const isUnconfirmed = state === 'failing' && credential.status === undefined;
  if (isSame && (isUnconfirmed || !isWorthRepeating(before, message, now))) {
    return { reported: { ...before, health }, event: undefined };
  }
  const event = state === 'stale' ? staleEvent(credential, message) : failingEvent(credential, message);
  return { reported: { health, state, message, reportedAt: now }, event };
}

function credentialStateOf(
  before: ReportedCredential | undefined,
  { health, status }: ObservedCredential,
): CredentialState {
  if (health === 'stale') return 'stale';
  if (status?.kind === 'unhealthy') return 'failing';
  // A missing report is no recovery.
  if (status === undefined && before?.state === 'failing' && before.health === health) return 'failing';
  return health === 'fresh' ? 'ready' : 'pending';
}

function isWorthRepeating(before: ReportedCredential, message: string | undefined, now: number): boolean {
  const isFirstMessage = before.message === undefined && message !== undefined;
  return isFirstMessage || Math.abs(now - before.reportedAt) >= REPEAT_AFTER_MS;
}

function tbotMessage({ status, identityFailure }: ObservedCredential): string | undefined {
  if (status?.kind === 'unhealthy')
    return status.reason === '' ? 'gives no reason' : `says "${status.reason}"`;
  if (identityFailure === undefined) return undefined;
  return `says of its own identity "${identityFailure}"`;
}

function staleEvent({ destination }: ObservedCredential, message: string | undefined): CredentialEvent {
  const { secretName, output, bot } = destination;
  const cause = message === undefined ? '' : ` and ${message}`;
  return {
    type: 'Warning',
    reason: 'CredentialStale',
    note:
      `Secret ${secretName} of output ${output} is not renewed: tbot has missed two renewals${cause}. ` +
      `Fix: ${fixFor(message, bot)}`,
  };
}

function failingEvent(
  { destination, health }: ObservedCredential,
  message = 'gives no reason',
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
      `tbot cannot ${cannot} Secret ${secretName} of output ${output}, and ${message}. ` +
      `${meanwhile}. Fix: ${fixFor(message, bot)}`,
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

interface KnownMessage {
  /** Part of tbot's message: a text of Teleport or of an API server. */
  readonly pattern: RegExp;
  readonly fix: (bot: string) => string;
}

/** The first match wins. */
const KNOWN_MESSAGES: readonly KnownMessage[] = [
  {
    pattern: /did not match any allow rules/i,
    fix: (bot) => `allow the service account of the tbot of bot ${bot} in its join token in Teleport`,
  },
  {
    pattern: /\baudience\b/i,
    fix: () => 'set teleport.clusterName to the name of the Teleport cluster',
  },
  {
    pattern: /issuer does not match|discovering oidc/i,
    fix: (bot) => `compare the issuer in the join token of bot ${bot} with that of this cluster`,
  },
  {
    pattern: /apply failed with|object has been modified/i,
    fix: () => 'find who else writes that Secret: kubectl get secret -o yaml --show-managed-fields',
  },
  {
    pattern: /secrets? .*forbidden/i,
    fix: (bot) => `look at the RoleBinding and ClusterRole of bot ${bot}`,
  },
  {
    pattern: /denied|not found|no .*(match|available)/i,
    fix: (bot) =>
      `see whether what the output names exists, and whether the bot's roles reach it: tctl get bot/${bot}, ` +
      `tctl bots update ${bot} --add-roles=ROLE`,
  },
];

function fixFor(message: string | undefined, bot: string): string {
  const found =
    message === undefined ? undefined : KNOWN_MESSAGES.find(({ pattern }) => pattern.test(message));
  return found?.fix(bot) ?? `read the log of the tbot of bot ${bot}`;
}
