/**
 * Who leads, as a pure step; the semantics are client-go's. A Lease runs out when its record has not changed for its
 * duration **as seen by the one who looks**: times written in it are for people, so clocks that run apart do not matter.
 * Every time here is in milliseconds of this process's own monotonic clock.
 */
export interface LeaseRecord {
  /** Empty: released. */
  readonly holder: string;
  readonly durationMs: number;
  /** As written, RFC 3339. */
  readonly acquiredAt: string;
  readonly renewedAt: string;
  readonly transitions: number;
}

export interface LeaseSettings {
  /** How long others wait for a holder that does not renew. */
  readonly durationMs: number;
  /** A holder that could not renew for this long stops leading: well before anybody else may start. */
  readonly renewDeadlineMs: number;
  /** Time between two looks. */
  readonly retryMs: number;
}

export const LEASE_SETTINGS: LeaseSettings = { durationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000 };

/** A record and since when it has been seen as it is; the record is undefined while there is none. */
export interface ObservedLease {
  readonly record: LeaseRecord | undefined;
  readonly since: number;
}

export interface Me {
  readonly identity: string;
  /** When the request was sent that last renewed the Lease; undefined while not leading. */
  readonly renewedAt: number | undefined;
}

export type LeaseStep =
  /** Another replica leads, as far as this one knows. */
  | { readonly kind: 'follow'; readonly leader: string }
  | { readonly kind: 'acquire' }
  | { readonly kind: 'renew' }
  /** Stop leading at once. */
  | { readonly kind: 'lost'; readonly why: 'taken' | 'deadline' };

/** A record that claims more was not written by a replica, and must not keep all of them waiting. */
const MAX_DURATION_MS = 60_000;

/** What is known after a look: a record that is as it was keeps its time. */
export function observe(
  before: ObservedLease | undefined,
  record: LeaseRecord | undefined,
  now: number,
): ObservedLease {
  const same = before !== undefined && JSON.stringify(before.record) === JSON.stringify(record);
  return same ? before : { record, since: now };
}

export function nextStep(observed: ObservedLease, me: Me, now: number, settings = LEASE_SETTINGS): LeaseStep {
  const { record, since } = observed;
  if (me.renewedAt !== undefined) {
    if (isPastDeadline(me.renewedAt, now, settings)) return { kind: 'lost', why: 'deadline' };
    return record?.holder === me.identity ? { kind: 'renew' } : { kind: 'lost', why: 'taken' };
  }
  // Our own name without leading: our write arrived, and its answer did not.
  if (record === undefined || record.holder === '' || record.holder === me.identity)
    return { kind: 'acquire' };
  const expires = since + durationOf(record, settings);
  return now >= expires ? { kind: 'acquire' } : { kind: 'follow', leader: record.holder };
}

/** Whether a leader that renewed last at `renewedAt` has to take the Lease for lost. */
export function isPastDeadline(renewedAt: number, now: number, settings = LEASE_SETTINGS): boolean {
  return now - renewedAt >= settings.renewDeadlineMs;
}

function durationOf(record: LeaseRecord, settings: LeaseSettings): number {
  const valid = record.durationMs > 0 && record.durationMs <= MAX_DURATION_MS;
  return valid ? record.durationMs : settings.durationMs;
}

/** The record that makes `identity` the holder, or keeps it so. `time` is written for people. */
export function heldBy(
  identity: string,
  before: LeaseRecord | undefined,
  time: Date,
  settings = LEASE_SETTINGS,
): LeaseRecord {
  const renewedAt = time.toISOString();
  const kept = before?.holder === identity ? before : undefined;
  return {
    holder: identity,
    durationMs: settings.durationMs,
    acquiredAt: kept?.acquiredAt ?? renewedAt,
    renewedAt,
    transitions: kept?.transitions ?? nextTransition(before),
  };
}

/** The API server keeps 32 bits; a highest number written by hand must not end all elections. */
const MAX_TRANSITIONS = 2 ** 31 - 1;

function nextTransition(before: LeaseRecord | undefined): number {
  if (before === undefined) return 0;
  const { transitions } = before;
  return transitions >= 0 && transitions < MAX_TRANSITIONS ? transitions + 1 : 0;
}

/** The record by which a leader that ends hands the Lease over without a wait. */
export function released(record: LeaseRecord, time: Date): LeaseRecord {
  return { ...record, holder: '', durationMs: 1_000, renewedAt: time.toISOString() };
}
