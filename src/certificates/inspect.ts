import type { KeyObject, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { invalid, type Inspection, type Valid, type Invalid } from './inspection.ts';
import { openPair, type KeyPair, type OpenPair } from './pair.ts';
import { namesOf, readCertificates } from './pem.ts';
import { notForSigning } from './signing.ts';
import { isForServers, isTrusted } from './trust.ts';

export interface PairToInspect extends KeyPair {
  /** PEM bundle that the certificate must chain to; without it trust is not looked at. */
  readonly ca?: string;
  /** A DNS name or IP address that clients will use; without it any one name will do. */
  readonly name?: string;
}

/** Those with which API servers can shake hands, beside RSA keys. */
const CURVES: ReadonlySet<string | undefined> = new Set(['prime256v1', 'secp384r1', 'secp521r1']);

/**
 * Whether a server that presents this pair now would be believed, and until when.
 * `certificate` is PEM, the leaf first, then any intermediates. Reads no files, never throws.
 */
export function inspectPair(pair: PairToInspect, now: Date): Inspection {
  const open = openPair(pair, now);
  if (open.kind === 'invalid') return open;
  return notForServing(open.leaf, pair.name) ?? notTrusted(open, pair.ca, now) ?? valid(open.leaf);
}

/** Whether this pair can sign serving certificates now, and until when. Never throws. */
export function inspectCa(ca: KeyPair, now: Date): Inspection {
  const open = openPair(ca, now);
  if (open.kind === 'invalid') return open;
  return notForSigning(open.leaf) ?? valid(open.leaf);
}

/** What keeps a server with this certificate from being believed by clients that call it `name`. */
export function notForServing(leaf: X509Certificate, name: string | undefined): Invalid | undefined {
  if (!isForServers(leaf)) {
    return invalid('not-for-serving', 'the extended key usage of the certificate lacks serverAuth');
  }
  if (!canShakeHands(leaf.publicKey)) {
    const kinds = 'RSA, ECDSA on P-256, P-384 or P-521, or Ed25519';
    return invalid('not-for-serving', `the key of the certificate is not one of ${kinds}`);
  }
  const names = namesOf(leaf);
  if (names.length === 0) {
    return invalid('nameless', 'the certificate has no DNS name and no IP address in its subjectAltName');
  }
  if (name === undefined) return undefined;
  const covered = isIP(name) === 0 ? leaf.checkHost(name, { subject: 'never' }) : leaf.checkIP(name);
  if (covered !== undefined) return undefined;
  return invalid('wrong-name', `the certificate is for ${names.join(', ')}, not for ${name}`);
}

function canShakeHands({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean {
  if (type === 'ec') return CURVES.has(details?.namedCurve);
  return type === 'rsa' || type === 'ed25519';
}

function notTrusted(open: OpenPair, ca: string | undefined, now: Date): Invalid | undefined {
  if (ca === undefined) return undefined;
  const bundle = readCertificates(ca);
  if (bundle.kind === 'too-large') return invalid('too-large', `the CA bundle is ${bundle.limit}`);
  if (bundle.kind === 'unreadable') return invalid('unreadable-ca', 'the CA bundle is not PEM certificates');
  if (isTrusted(open.leaf, open.intermediates, bundle.certificates, now)) return undefined;
  return invalid('untrusted', 'no CA of the bundle that is valid now has signed the certificate');
}

function valid(leaf: X509Certificate): Valid {
  return { kind: 'valid', notBefore: leaf.validFromDate, notAfter: leaf.validToDate, names: namesOf(leaf) };
}
