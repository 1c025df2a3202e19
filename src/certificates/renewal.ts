/** How long certificates live, and when the next one is issued. Pure: the clock is an argument. */
import type { Ca, Leaf, LeafCause, RotationFacts, SignerCa } from './rotation-facts.ts';
import { isValid, type Validity } from './validity.ts';

export const DAY_MS = 24 * 60 * 60 * 1000;

export const CA_LIFETIME_DAYS = 365;
export const SERVING_LIFETIME_DAYS = 30;

/** How far notBefore lies in the past: the clocks of API servers and nodes differ. */
export const BACKDATED_MS = 60 * 60 * 1000;

export interface RotationSettings {
  /**
   * How long a bundle stays published before anything relies on it. API servers learn of it by watch within a second,
   * webhook pods of a new leaf through the kubelet within two minutes.
   */
  readonly settleMs: number;
  readonly leafLifetimeMs: number;
}

export const ROTATION: RotationSettings = {
  settleMs: 10 * 60 * 1000,
  leafLifetimeMs: SERVING_LIFETIME_DAYS * DAY_MS,
};

/** Of a lifetime: by how much jitter may bring a renewal forward. */
const MAX_JITTER = 1 / 20;

/**
 * The end of the second third of the lifetime: the last third is left for attempts that fail. `jitter` (0 to 1) brings
 * it a little forward, so that certificates that were issued together are not renewed together.
 */
export function renewalTime({ notBefore, notAfter }: Validity, jitter = 0): Date {
  const lifetime = notAfter.getTime() - notBefore.getTime();
  return new Date(notBefore.getTime() + lifetime * (2 / 3 - jitter * MAX_JITTER));
}

export function isDueForRenewal(validity: Validity, now: Date, jitter = 0): boolean {
  return now.getTime() >= renewalTime(validity, jitter).getTime();
}

/** The jitter of a certificate (0 to 1), from its fingerprint: random, but the same in every replica at all times. */
export function jitterOf(fingerprint: string): number {
  const sample = Number.parseInt(fingerprint.slice(0, 8), 16);
  return Number.isNaN(sample) ? 0 : sample / 2 ** 32;
}

export interface LeafRenewal {
  readonly cause: LeafCause;
  /** The stored leaf serves well: the next one waits until the CA that signs it is trusted everywhere. */
  readonly canWait: boolean;
}

/** Why the stored leaf must be replaced; undefined while it need not. */
export function leafRenewal(
  { leaf, ...facts }: RotationFacts,
  signing: SignerCa,
  now: Date,
  settings: RotationSettings,
): LeafRenewal | undefined {
  const urgent = (cause: LeafCause): LeafRenewal => ({ cause, canWait: false });
  if (leaf === undefined) return urgent('no-leaf');
  if (now < leaf.notBefore) return urgent('not-yet-valid');
  if (now > leaf.notAfter) return urgent('expired');
  if (!leaf.coversNames) return urgent('wrong-names');
  const signers: readonly Ca[] = [
    signing,
    ...facts.retired,
    ...(facts.next === undefined ? [] : [facts.next]),
  ];
  const signer = signers.find(({ id }) => id === leaf.signedBy);
  if (signer === undefined || !isValid(signer, now)) return urgent('untrusted');
  if (signer.id !== signing.id) return { cause: 'other-ca', canWait: true };
  // The bundle stays the same, so there is nothing to wait for.
  return isDue(leaf, signing, now, settings) ? { cause: 'due', canWait: false } : undefined;
}

const MIN_GAIN_MS = 60 * 1000;

/** Near the end of its CA, a new leaf would end no later than the stored one. */
function isDue(leaf: Leaf, signing: SignerCa, now: Date, { leafLifetimeMs }: RotationSettings): boolean {
  const nextEnd = Math.min(now.getTime() + leafLifetimeMs, signing.notAfter.getTime());
  return isDueForRenewal(leaf, now, jitterOf(leaf.id)) && nextEnd - leaf.notAfter.getTime() >= MIN_GAIN_MS;
}
