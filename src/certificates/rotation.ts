/**
 * Decides the next step for the CA, the serving certificate and the published bundle. Pure, and asked again after every
 * step. The CA is rolled in phases: the next CA is published beside the old one and read back in every entry; after it
 * has been there for a while, it signs; the old CA is forgotten when the last leaf that it signed has expired.
 */
import {
  DAY_MS,
  isDueForRenewal,
  jitterOf,
  leafRenewal,
  ROTATION,
  type RotationSettings,
} from './renewal.ts';
import {
  isSameBundle,
  NEW_CA,
  trustedBundle,
  type AuthorityCause,
  type AuthorityPlan,
  type Ca,
  type CertificateId,
  type RotationFacts,
  type RotationStep,
  type SignerCa,
} from './rotation-facts.ts';
import { isValid } from './validity.ts';

/** A reservation is this much longer than the life of a leaf, because the leaf is signed a little later. */
const RESERVE_MS = DAY_MS;

/** The most CAs that stay trusted beside the signing one: a bundle must not grow without end. */
export const MAX_RETIRED = 12;

/** The one decision of the rotation: the next write, or that there is nothing to write (`settle`, `rest`). */
export function nextRotationStep(facts: RotationFacts, now: Date, settings = ROTATION): RotationStep {
  const { signing, next } = facts;
  if (signing === undefined || !isValid(signing, now)) return replaceSigning(facts, now, settings);
  const unrecorded = casToRecord(facts, now, settings);
  const keep = planOf(signing, facts);
  if (unrecorded.length > 0 || facts.isRecordLost) {
    return store('mend', { ...keep, retired: [...facts.retired, ...unrecorded] }, facts);
  }

  const bundle = trustedBundle(facts);
  const isPublished = facts.entries.every((entry) => isSameBundle(entry, bundle));
  if (!isPublished && !facts.hasPublishingFailed) return { kind: 'publish', bundle };
  const isSettled = isPublished && facts.unchangedMs >= settings.settleMs;

  const renewal = leafRenewal(facts, signing, now, settings);
  if (renewal !== undefined && (!renewal.canWait || isSettled)) {
    if (isReserved(signing, now, settings)) {
      return { kind: 'issue', cause: renewal.cause, signing: signing.id, bundle };
    }
    return store('reserve', { ...keep, leavesUntil: reservation(now, settings) }, facts);
  }
  if (!isSameBundle(facts.servingBundle, bundle)) return { kind: 'store-bundle', bundle };
  if (renewal !== undefined || !isPublished) return { kind: 'settle' };

  if (next !== undefined && !isValid(next, now)) {
    const retired = retire(facts.retired, next, now, settings);
    return store('withdraw', { ...keep, next: undefined, retired }, facts);
  }
  if (next !== undefined)
    return isSettled ? promote('promote', facts, next, now, settings) : { kind: 'settle' };
  if (isDueForRenewal(signing, now, jitterOf(signing.id)))
    return store('introduce', { ...keep, next: NEW_CA }, facts);

  const needed = facts.retired.filter((ca) => !isObsolete(ca, now));
  if (needed.length < facts.retired.length) {
    // This waits as well: a pod that does not have the newest leaf yet still serves the one before.
    return isSettled ? store('forget', { ...keep, retired: needed }, facts) : { kind: 'settle' };
  }
  return { kind: 'rest' };
}

/** The signing CA cannot sign: the next CA replaces it, or a new one. All other CAs stay trusted. */
function replaceSigning(facts: RotationFacts, now: Date, settings: RotationSettings): RotationStep {
  const { next } = facts;
  const cause = signingFault(facts.signing, now);
  if (next !== undefined && isValid(next, now)) return promote(cause, facts, next, now, settings);
  const retired = next === undefined ? facts.retired : retire(facts.retired, next, now, settings);
  return promote(cause, { ...facts, retired }, undefined, now, settings);
}

/** `next`, or a CA yet to be issued, signs from now on. */
function promote(
  cause: AuthorityCause,
  facts: RotationFacts,
  next: Ca | undefined,
  now: Date,
  settings: RotationSettings,
): RotationStep {
  const before = facts.signing === undefined ? [] : [facts.signing];
  const plan: AuthorityPlan = {
    signing: next?.id ?? NEW_CA,
    next: undefined,
    leavesUntil: reservation(now, settings),
    retired: [...facts.retired, ...before, ...casToRecord(facts, now, settings)],
  };
  return store(cause, plan, facts);
}

function signingFault(signing: Ca | undefined, now: Date): AuthorityCause {
  if (signing === undefined) return 'no-ca';
  return now < signing.notBefore ? 'ca-not-yet-valid' : 'ca-expired';
}

/**
 * CAs that are not on record and must stay trusted. Where the record is lost, all of them: any may have signed what pods
 * serve. Otherwise the one that signed the stored leaf.
 */
function casToRecord(facts: RotationFacts, now: Date, settings: RotationSettings): readonly SignerCa[] {
  const { leaf } = facts;
  return facts.unrecorded
    .filter((ca) => facts.isRecordLost || (leaf?.signedBy === ca.id && now <= leaf.notAfter))
    .map((ca) => {
      const until = reservation(now, settings);
      const signedLeaf = leaf?.signedBy === ca.id && leaf.notAfter > until;
      return { ...ca, leavesUntil: signedLeaf ? leaf.notAfter : until };
    });
}

/** `ca` was issued to sign next. It is kept, because it may have signed already. */
function retire(
  retired: readonly SignerCa[],
  ca: Ca,
  now: Date,
  settings: RotationSettings,
): readonly SignerCa[] {
  return [...retired, { ...ca, leavesUntil: reservation(now, settings) }];
}

function reservation(now: Date, { leafLifetimeMs }: RotationSettings): Date {
  return new Date(now.getTime() + leafLifetimeMs + RESERVE_MS);
}

function isReserved(signing: SignerCa, now: Date, { leafLifetimeMs }: RotationSettings): boolean {
  return signing.leavesUntil.getTime() >= now.getTime() + leafLifetimeMs;
}

/** All leaves of `ca` have expired. No leaf outlives its CA. */
function isObsolete(ca: SignerCa, now: Date): boolean {
  return now.getTime() > Math.min(ca.leavesUntil.getTime(), ca.notAfter.getTime());
}

function planOf(signing: SignerCa, { next, retired }: RotationFacts): AuthorityPlan {
  return { signing: signing.id, next: next?.id, leavesUntil: signing.leavesUntil, retired };
}

function store(cause: AuthorityCause, plan: AuthorityPlan, { leaf }: RotationFacts): RotationStep {
  return {
    kind: 'store-authority',
    cause,
    plan: { ...plan, retired: limited(plan.retired, leaf?.signedBy) },
  };
}

/** Keeps the CA that signed the stored leaf, and those whose leaves live longest. */
function limited(
  retired: AuthorityPlan['retired'],
  needed: CertificateId | undefined,
): AuthorityPlan['retired'] {
  const rank = (ca: AuthorityPlan['retired'][number]): number =>
    ca.id === needed ? Infinity : ca.leavesUntil.getTime();
  return retired.toSorted((a, b) => rank(b) - rank(a)).slice(0, MAX_RETIRED);
}
