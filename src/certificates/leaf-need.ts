import { isDueForRenewal, isValid, spreadOf } from './renewal.ts';
import type { Ca, Leaf, LeafCause, RotationFacts, SignerCa } from './rotation-facts.ts';
import type { RotationSettings } from './rotation-settings.ts';

export interface LeafNeed {
  readonly cause: LeafCause;
  /** The stored leaf serves well: the next one waits until the CA that signs it is trusted everywhere. */
  readonly waits: boolean;
}

/** Why the stored leaf is to be replaced; undefined while it is not. */
export function leafNeed(
  { leaf, ...facts }: RotationFacts,
  signing: SignerCa,
  now: Date,
  settings: RotationSettings,
): LeafNeed | undefined {
  const urgent = (cause: LeafCause): LeafNeed => ({ cause, waits: false });
  if (leaf === undefined) return urgent('no-leaf');
  if (now < leaf.notBefore) return urgent('not-yet-valid');
  if (now > leaf.notAfter) return urgent('expired');
  if (!leaf.isNamed) return urgent('wrong-names');
  const signers: readonly Ca[] = [
    signing,
    ...facts.retired,
    ...(facts.next === undefined ? [] : [facts.next]),
  ];
  const signer = signers.find(({ id }) => id === leaf.signedBy);
  if (signer === undefined || !isValid(signer, now)) return urgent('untrusted');
  if (signer.id !== signing.id) return { cause: 'other-ca', waits: true };
  // Trust does not change with it, so there is nothing to wait for.
  return isDue(leaf, signing, now, settings) ? { cause: 'due', waits: false } : undefined;
}

const LEAST_GAIN_MS = 60 * 1000;

/** Near the end of its CA a new leaf would end no later than this one does. */
function isDue(leaf: Leaf, signing: SignerCa, now: Date, { leafLifetimeMs }: RotationSettings): boolean {
  const nextEnd = Math.min(now.getTime() + leafLifetimeMs, signing.notAfter.getTime());
  return isDueForRenewal(leaf, now, spreadOf(leaf.id)) && nextEnd - leaf.notAfter.getTime() >= LEAST_GAIN_MS;
}
