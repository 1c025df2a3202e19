/**
 * What to do next about the CA, the serving certificate and what is published of them: pure, asked again after every
 * step. The CA is rolled in phases: the next one is published beside the old one and read back in every entry; held
 * there for a while, it signs; the old one is forgotten when the last leaf that it signed is over.
 */
import { bundleOf, isSameBundle } from './bundle.ts';
import { leafNeed } from './leaf-need.ts';
import { DAY_MS } from './lifetimes.ts';
import { isDueForRenewal, isValid, spreadOf } from './renewal.ts';
import {
  NEW_CA,
  type AuthorityCause,
  type AuthorityPlan,
  type Ca,
  type CertificateId,
  type RotationFacts,
  type RotationStep,
  type SignerCa,
} from './rotation-facts.ts';
import { ROTATION, type RotationSettings } from './rotation-settings.ts';

/** A reservation is made this much longer than a leaf lives, for the leaf is signed a little later. */
const RESERVE_MS = DAY_MS;

/** Trusted beside the signing CA, at most: a bundle that grows without end is a fault of its own. */
export const MOST_RETIRED = 12;

export function nextRotationStep(facts: RotationFacts, now: Date, settings = ROTATION): RotationStep {
  const { signing, next } = facts;
  if (signing === undefined || !isValid(signing, now)) return replaceSigning(facts, now, settings);
  const adopted = adoptable(facts, now, settings);
  const keep = planOf(signing, facts);
  if (adopted.length > 0 || facts.isRecordLost) {
    return store('mend', { ...keep, retired: [...facts.retired, ...adopted] }, facts);
  }

  const bundle = bundleOf(facts);
  const isPublished = facts.entries.every((entry) => isSameBundle(entry, bundle));
  if (!isPublished && !facts.hasPublishingFailed) return { kind: 'publish', bundle };
  const isSettled = isPublished && facts.heldMs >= settings.settleMs;

  const need = leafNeed(facts, signing, now, settings);
  if (need !== undefined && (!need.waits || isSettled)) {
    if (isReserved(signing, now, settings)) {
      return { kind: 'issue', cause: need.cause, signing: signing.id, bundle };
    }
    return store('reserve', { ...keep, leavesUntil: reservation(now, settings) }, facts);
  }
  if (!isSameBundle(facts.companion, bundle)) return { kind: 'accompany', bundle };
  if (need !== undefined || !isPublished) return { kind: 'settle' };

  if (next !== undefined && !isValid(next, now)) {
    const retired = retire(facts.retired, next, now, settings);
    return store('withdraw', { ...keep, next: undefined, retired }, facts);
  }
  if (next !== undefined)
    return isSettled ? promote('promote', facts, next, now, settings) : { kind: 'settle' };
  if (isDueForRenewal(signing, now, spreadOf(signing.id)))
    return store('introduce', { ...keep, next: NEW_CA }, facts);

  const living = facts.retired.filter((ca) => !isOver(ca, now));
  if (living.length < facts.retired.length) {
    // Held for a while as well: a pod that has not got the newest leaf yet still serves the one before.
    return isSettled ? store('forget', { ...keep, retired: living }, facts) : { kind: 'settle' };
  }
  return { kind: 'rest' };
}

/** Nothing can be signed: the CA that was to be the next one steps in, or a new one is made. All else stays trusted. */
function replaceSigning(facts: RotationFacts, now: Date, settings: RotationSettings): RotationStep {
  const { next } = facts;
  const cause = signingFault(facts.signing, now);
  if (next !== undefined && isValid(next, now)) return promote(cause, facts, next, now, settings);
  const retired = next === undefined ? facts.retired : retire(facts.retired, next, now, settings);
  return promote(cause, { ...facts, retired }, undefined, now, settings);
}

/** `next`, or a CA yet to be made, signs from now on. */
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
    retired: [...facts.retired, ...before, ...adoptable(facts, now, settings)],
  };
  return store(cause, plan, facts);
}

function signingFault(signing: Ca | undefined, now: Date): AuthorityCause {
  if (signing === undefined) return 'no-ca';
  return now < signing.notBefore ? 'ca-not-yet-valid' : 'ca-expired';
}

/**
 * Strays that have to be trusted on: all of them where the record is lost, for any may have signed what pods serve;
 * else the one to which the stored leaf chains.
 */
function adoptable(facts: RotationFacts, now: Date, settings: RotationSettings): readonly SignerCa[] {
  const { leaf } = facts;
  return facts.strays
    .filter((ca) => facts.isRecordLost || (leaf?.signedBy === ca.id && now <= leaf.notAfter))
    .map((ca) => {
      const until = reservation(now, settings);
      const signedLeaf = leaf?.signedBy === ca.id && leaf.notAfter > until;
      return { ...ca, leavesUntil: signedLeaf ? leaf.notAfter : until };
    });
}

/** `ca` was made to sign next; that it never signed is not relied on. */
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

/** No leaf outlives its CA. */
function endOf(ca: SignerCa): number {
  return Math.min(ca.leavesUntil.getTime(), ca.notAfter.getTime());
}

function isOver(ca: SignerCa, now: Date): boolean {
  return now.getTime() > endOf(ca);
}

function planOf(signing: SignerCa, { next, retired }: RotationFacts): AuthorityPlan {
  return { signing: signing.id, next: next?.id, leavesUntil: signing.leavesUntil, retired };
}

function store(cause: AuthorityCause, plan: AuthorityPlan, { leaf }: RotationFacts): RotationStep {
  return {
    kind: 'store-authority',
    cause,
    plan: { ...plan, retired: bounded(plan.retired, leaf?.signedBy) },
  };
}

/** Those whose leaves live longest, and whichever signed the stored leaf. */
function bounded(
  retired: AuthorityPlan['retired'],
  needed: CertificateId | undefined,
): AuthorityPlan['retired'] {
  const rank = (ca: AuthorityPlan['retired'][number]): number =>
    ca.id === needed ? Infinity : ca.leavesUntil.getTime();
  return retired.toSorted((a, b) => rank(b) - rank(a)).slice(0, MOST_RETIRED);
}
