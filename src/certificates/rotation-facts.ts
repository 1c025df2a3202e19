import type { Validity } from './renewal.ts';

/** A certificate's SHA-256 fingerprint: what `rotation.ts` knows certificates by. */
export type CertificateId = string;

export interface Ca extends Validity {
  readonly id: CertificateId;
}

/** A CA that signs leaves or has done so. */
export interface SignerCa extends Ca {
  /** No leaf that it signed is valid after this. */
  readonly leavesUntil: Date;
}

/** The serving certificate that is stored, with a key that fits. */
export interface Leaf extends Validity {
  readonly id: CertificateId;
  /** Which of the CAs that are known from anywhere has signed it. */
  readonly signedBy: CertificateId | undefined;
  /** It is one for serving and has every name that clients use. */
  readonly isNamed: boolean;
}

/** The CAs of a bundle; undefined where there is no bundle that can be read. */
export type Bundle = readonly CertificateId[] | undefined;

/** Everything that is stored and published, and how long it has been so. */
export interface RotationFacts {
  /** From the CA Secret: certificate and key that fit, whatever their dates. */
  readonly signing: SignerCa | undefined;
  /** From the CA Secret: made, but signs nothing yet. */
  readonly next: Ca | undefined;
  /** From the CA Secret: sign nothing any more. */
  readonly retired: readonly SignerCa[];
  /** The CA Secret does not tell, or no longer, which CAs have signed leaves and how long these live. */
  readonly isRecordLost: boolean;
  /** CAs that are published, or stand beside the leaf, without being in the CA Secret. */
  readonly strays: readonly Ca[];
  readonly leaf: Leaf | undefined;
  /** The bundle that stands beside the leaf. */
  readonly companion: Bundle;
  /** What has been read back from every webhook entry that there is. */
  readonly entries: readonly Bundle[];
  /** Publishing was tried in this pass and an entry could not be written. */
  readonly hasPublishingFailed: boolean;
  /** Milliseconds for which the bundle of every entry and the leaf have been seen as they are now, by a clock nobody sets. */
  readonly heldMs: number;
}

/** Stands for a CA that is yet to be made. */
export const NEW_CA = Symbol('a CA yet to be made');

/** What the CA Secret is to say. */
export interface AuthorityPlan {
  readonly signing: CertificateId | typeof NEW_CA;
  readonly next: CertificateId | typeof NEW_CA | undefined;
  /** Of `signing`. */
  readonly leavesUntil: Date;
  readonly retired: readonly { readonly id: CertificateId; readonly leavesUntil: Date }[];
}

export type AuthorityCause =
  /** There is no CA that could sign: none yet, or no usable one any more. */
  | 'no-ca'
  | 'ca-expired'
  | 'ca-not-yet-valid'
  /** The record is made whole, with the CAs that are trusted somewhere: they stay so while their leaves live. */
  | 'mend'
  /** A leaf is about to be signed: how long it will live is recorded first. */
  | 'reserve'
  /** The three phases of a roll. */
  | 'introduce'
  | 'promote'
  | 'forget'
  /** The next CA is not valid at this time. */
  | 'withdraw';

export type LeafCause =
  'no-leaf' | 'expired' | 'not-yet-valid' | 'wrong-names' | 'untrusted' | 'due' | 'other-ca';

/** One write. Any of them may be the last one of a process: what it leaves is where the next process starts. */
export type RotationStep =
  | { readonly kind: 'store-authority'; readonly cause: AuthorityCause; readonly plan: AuthorityPlan }
  | { readonly kind: 'publish'; readonly bundle: readonly CertificateId[] }
  | {
      readonly kind: 'issue';
      readonly cause: LeafCause;
      readonly signing: CertificateId;
      readonly bundle: readonly CertificateId[];
    }
  /** The bundle beside the leaf is written anew; the leaf stays. */
  | { readonly kind: 'accompany'; readonly bundle: readonly CertificateId[] }
  /** Nothing to write yet: what was published has to be held for a while. */
  | { readonly kind: 'settle' }
  | { readonly kind: 'rest' };
