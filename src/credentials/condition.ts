import { adviceOn } from './advice.ts';
import type { Checkup, Health } from './health.ts';
import type { Word } from './readiness.ts';

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
  readonly word: Word | undefined;
  /** Why tbot can renew nothing at all. */
  readonly troubleWithIdentity: string | undefined;
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
export interface Remark {
  readonly type: 'Normal' | 'Warning';
  readonly reason: 'CredentialReady' | 'CredentialFailing' | 'CredentialStale';
  readonly note: string;
}

export interface FollowUp {
  readonly known: Known;
  readonly remark: Remark | undefined;
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
    const remark = isReady ? readiness(before, diagnosis) : undefined;
    return { known: { health, condition, said: undefined, saidAt: now }, remark };
  }
  const isSame = before?.condition === condition;
  // While tbot is silent, what it said last is the best that is known.
  const says = saying(diagnosis) ?? (isSame ? before.said : undefined);
  // Of trouble that nobody has confirmed since nothing is repeated.
  const isSilent = condition === 'failing' && diagnosis.word === undefined;
  if (isSame && (isSilent || !isNews(before, says, now))) {
    return { known: { ...before, health }, remark: undefined };
  }
  const remark = condition === 'stale' ? staleness(diagnosis, says) : failure(diagnosis, says);
  return { known: { health, condition, said: says, saidAt: now }, remark };
}

function conditionOf(before: Known | undefined, { health, word }: Diagnosis): Condition {
  if (health === 'stale') return 'stale';
  if (word?.kind === 'unhealthy') return 'failing';
  // Silence is no recovery.
  if (word === undefined && before?.condition === 'failing' && before.health === health) return 'failing';
  return health === 'fresh' ? 'well' : 'waiting';
}

function isNews({ said, saidAt }: Known, says: string | undefined, now: number): boolean {
  const isFirstReason = said === undefined && says !== undefined;
  return isFirstReason || Math.abs(now - saidAt) >= AGAIN_EVERY_MS;
}

function saying({ word, troubleWithIdentity }: Diagnosis): string | undefined {
  if (word?.kind === 'unhealthy') return word.reason === '' ? 'gives no reason' : `says "${word.reason}"`;
  if (troubleWithIdentity === undefined) return undefined;
  return `says of its own identity "${troubleWithIdentity}"`;
}

function staleness({ destination }: Diagnosis, says: string | undefined): Remark {
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

function failure({ destination, health }: Diagnosis, says = 'gives no reason'): Remark {
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

function readiness(before: Known, { destination: { secretName, output } }: Diagnosis): Remark {
  const note =
    before.health === 'fresh'
      ? `tbot renews Secret ${secretName} of output ${output} again`
      : `tbot has written Secret ${secretName} of output ${output}`;
  return { type: 'Normal', reason: 'CredentialReady', note };
}
