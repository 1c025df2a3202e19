import { adviceOn } from './advice.ts';
import type { Checkup, Health } from './health.ts';
import type { ServiceStatus } from './readiness.ts';

/** How a credential is, by its Secret and by what its tbot says. */
export type Condition =
  | 'well'
  /** Never written, and tbot has not said that it cannot. */
  | 'waiting'
  /** tbot says that it cannot write it; what is there may still be good. */
  | 'failing'
  | 'stale';

export interface Diagnosis extends Checkup {
  /** undefined: tbot was not asked, or it has not tried yet. */
  readonly status: ServiceStatus | undefined;
  /** Why tbot can renew nothing at all. */
  readonly identityFailure: string | undefined;
}

/** What is remembered of a credential. */
export interface Known {
  readonly health: Health;
  readonly condition: Condition;
  /** What the last Event gave as tbot's reason, and when that was, in milliseconds since the epoch. */
  readonly said: string | undefined;
  readonly saidAt: number;
}

/** What people are to hear of it. */
export interface ConditionEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: 'CredentialReady' | 'CredentialFailing' | 'CredentialStale';
  readonly note: string;
}

export interface FollowUp {
  readonly known: Known;
  readonly event: ConditionEvent | undefined;
}

/**
 * Kubernetes forgets an Event after an hour. Not more often: reasons carry addresses and times, and so change with each
 * attempt.
 */
const AGAIN_EVERY_MS = 55 * 60_000;

/** What is news about a credential: that it is well or ill, and, within the hour, that it still is, and why by now. */
export function followUp(before: Known | undefined, diagnosis: Diagnosis, now: number): FollowUp {
  const { health } = diagnosis;
  const condition = conditionOf(before, diagnosis);
  if (condition === 'well' || condition === 'waiting') {
    const isReady = condition === 'well' && before !== undefined && before.condition !== 'well';
    const event = isReady ? readiness(before, diagnosis) : undefined;
    return { known: { health, condition, said: undefined, saidAt: now }, event };
  }
  const isSame = before?.condition === condition;
  // While tbot is silent, what it said last is the best that is known.
  const says = saying(diagnosis) ?? (isSame ? before.said : undefined);
  // Of trouble that nobody has confirmed since nothing is repeated.
  const isSilent = condition === 'failing' && diagnosis.status === undefined;
  if (isSame && (isSilent || !isNews(before, says, now))) {
    return { known: { ...before, health }, event: undefined };
  }
  const event = condition === 'stale' ? staleness(diagnosis, says) : failure(diagnosis, says);
  return { known: { health, condition, said: says, saidAt: now }, event };
}

function conditionOf(before: Known | undefined, { health, status }: Diagnosis): Condition {
  if (health === 'stale') return 'stale';
  if (status?.kind === 'unhealthy') return 'failing';
  // Silence is no recovery.
  if (status === undefined && before?.condition === 'failing' && before.health === health) return 'failing';
  return health === 'fresh' ? 'well' : 'waiting';
}

function isNews({ said, saidAt }: Known, says: string | undefined, now: number): boolean {
  const isFirstReason = said === undefined && says !== undefined;
  return isFirstReason || Math.abs(now - saidAt) >= AGAIN_EVERY_MS;
}

function saying({ status, identityFailure }: Diagnosis): string | undefined {
  if (status?.kind === 'unhealthy')
    return status.reason === '' ? 'gives no reason' : `says "${status.reason}"`;
  if (identityFailure === undefined) return undefined;
  return `says of its own identity "${identityFailure}"`;
}

function staleness({ destination }: Diagnosis, says: string | undefined): ConditionEvent {
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

function failure({ destination, health }: Diagnosis, says = 'gives no reason'): ConditionEvent {
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

function readiness(before: Known, { destination: { secretName, output } }: Diagnosis): ConditionEvent {
  const note =
    before.health === 'fresh'
      ? `tbot renews Secret ${secretName} of output ${output} again`
      : `tbot has written Secret ${secretName} of output ${output}`;
  return { type: 'Normal', reason: 'CredentialReady', note };
}
