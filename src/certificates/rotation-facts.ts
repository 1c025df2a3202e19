/** What the rotation knows and what it may do next, in fingerprints and dates: no certificate is needed to decide. */
import type { Validity } from './validity.ts';

/** A certificate's SHA-256 fingerprint: 64 lower-case hexadecimal digits. */
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
  /** The CA that signed it, of all CAs that are stored or published; undefined where none of them did. */
  readonly signedBy: CertificateId | undefined;
  /** It can serve, and is valid for every name that clients use. */
  readonly coversNames: boolean;
}

/** The CAs of a bundle; undefined where there is no bundle that can be read. */
export type Bundle = readonly CertificateId[] | undefined;

/** Everything that is stored and published, and how long it has been so. */
export interface RotationFacts {
  /** From the CA Secret: certificate and key that fit, whatever their dates. */
  readonly signing: SignerCa | undefined;
  /** From the CA Secret: issued, but signs nothing yet. */
  readonly next: Ca | undefined;
  /** From the CA Secret: these sign nothing any more. */
  readonly retired: readonly SignerCa[];
  /** The CA Secret does not say which CAs have signed leaves and how long these live. */
  readonly isRecordLost: boolean;
  /** CAs that are published, or in the bundle of the serving Secret, but not on record in the CA Secret. */
  readonly unrecorded: readonly Ca[];
  readonly leaf: Leaf | undefined;
  /** The bundle in the serving Secret, beside the leaf. */
  readonly servingBundle: Bundle;
  /** The published bundle of every webhook entry, as it was read back. */
  readonly entries: readonly Bundle[];
  /** Publishing was tried in this reconcile, and an entry could not be written. */
  readonly hasPublishingFailed: boolean;
  /** Milliseconds of the monotonic clock for which `entries` and the leaf have been seen as they are now. */
  readonly unchangedMs: number;
}

/** The PEM texts behind the ids of CAs, and the keys of those that sign or will sign. */
export interface CaMaterial {
  readonly certificates: ReadonlyMap<CertificateId, string>;
  readonly keys: ReadonlyMap<CertificateId, string>;
}

/** Stands for a CA that has to be issued. */
export const NEW_CA = Symbol('a CA yet to be issued');

/** What the CA Secret must say. */
export interface AuthorityPlan {
  readonly signing: CertificateId | typeof NEW_CA;
  readonly next: CertificateId | typeof NEW_CA | undefined;
  /** Of `signing`. */
  readonly leavesUntil: Date;
  readonly retired: readonly { readonly id: CertificateId; readonly leavesUntil: Date }[];
}

export type AuthorityCause =
  /** There is no CA that can sign: none yet, or no usable one any more. */
  | 'no-ca'
  | 'ca-expired'
  | 'ca-not-yet-valid'
  /** The record is completed with the CAs that are trusted somewhere. They stay trusted while their leaves live. */
  | 'mend'
  /** Before a leaf is signed: how long it will live is recorded first. */
  | 'reserve'
  /** The three phases of a roll. */
  | 'introduce'
  | 'promote'
  | 'forget'
  /** The next CA is not valid at this time. */
  | 'withdraw';

export type LeafCause =
  'no-leaf' | 'expired' | 'not-yet-valid' | 'wrong-names' | 'untrusted' | 'due' | 'other-ca';

/** One write. The process may end after any of them: the next process starts from what was written. */
export type RotationStep =
  | { readonly kind: 'store-authority'; readonly cause: AuthorityCause; readonly plan: AuthorityPlan }
  | { readonly kind: 'publish'; readonly bundle: readonly CertificateId[] }
  | {
      readonly kind: 'issue';
      readonly cause: LeafCause;
      readonly signing: CertificateId;
      readonly bundle: readonly CertificateId[];
    }
  /** Writes the bundle of the serving Secret; the leaf stays. */
  | { readonly kind: 'store-bundle'; readonly bundle: readonly CertificateId[] }
  /** Nothing to write yet: what was published must stay so for a while. */
  | { readonly kind: 'settle' }
  | { readonly kind: 'rest' };

/** The CAs that API servers must trust. Newest first, so that a CA keeps its place when its role changes. */
export function trustedBundle({
  signing,
  next,
  retired,
}: Pick<RotationFacts, 'signing' | 'next' | 'retired'>): readonly CertificateId[] {
  const cas = [signing, next, ...retired].filter((ca) => ca !== undefined);
  const order = (a: Ca, b: Ca): number =>
    b.notBefore.getTime() - a.notBefore.getTime() || compare(a.id, b.id);
  return [...new Set(cas.toSorted(order).map(({ id }) => id))];
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The same CAs, in any order. */
export function isSameBundle(found: Bundle, desired: readonly CertificateId[]): boolean {
  if (found === undefined) return false;
  const ids = new Set(found);
  return ids.size === desired.length && desired.every((id) => ids.has(id));
}
