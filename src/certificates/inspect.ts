import type { KeyObject, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { parseDetails, readCertificates, subjectAltNames } from './certificate.ts';
import { parseValidKeyPair, type KeyPair, type ParsedKeyPair } from './key-pair.ts';
import { allowsServerAuth, isTrusted } from './trust.ts';
import { invalid, type Inspection, type Invalid, type Valid } from './validity.ts';

export interface PairToInspect extends KeyPair {
  /** PEM bundle to which the certificate must chain. Without it, trust is not checked. */
  readonly ca?: string;
  /** A DNS name or IP address that clients use. Without it, any one name is enough. */
  readonly name?: string;
}

/** Curves that API servers accept. */
const CURVES: ReadonlySet<string | undefined> = new Set(['prime256v1', 'secp384r1', 'secp521r1']);
const MIN_RSA_BITS = 2048;

const NAME_CONSTRAINTS = '2.5.29.30';
/** Key usage, basic constraints, certificate policies and extended key usage. */
const KNOWN_EXTENSIONS: ReadonlySet<string> = new Set(['2.5.29.15', '2.5.29.19', '2.5.29.32', '2.5.29.37']);

/** Whether clients would accept a server that presents this pair now, and until when. Reads no files, never throws. */
export function inspectPair(pair: PairToInspect, now: Date): Inspection {
  const parsed = parseValidKeyPair(pair, now);
  if (parsed.kind === 'invalid') return parsed;
  return checkCanServe(parsed.leaf, pair.name) ?? checkTrust(parsed, pair.ca, now) ?? valid(parsed.leaf);
}

/** Whether this pair can sign serving certificates now, and until when. Never throws. */
export function inspectCa(ca: KeyPair, now: Date): Inspection {
  const parsed = parseValidKeyPair(ca, now);
  if (parsed.kind === 'invalid') return parsed;
  return checkCanSign(parsed.leaf) ?? valid(parsed.leaf);
}

/** Why clients that connect to `name` would refuse this certificate. Dates and trust are not checked. */
export function checkCanServe(leaf: X509Certificate, name: string | undefined): Invalid | undefined {
  if (!allowsServerAuth(leaf)) {
    return invalid('not-for-serving', 'the extended key usage of the certificate lacks serverAuth');
  }
  if (!canHandshake(leaf.publicKey)) {
    const kinds = 'RSA, ECDSA on P-256, P-384 or P-521, or Ed25519';
    return invalid('not-for-serving', `the key of the certificate is not one of ${kinds}`);
  }
  const names = subjectAltNames(leaf);
  if (names.length === 0) {
    return invalid('nameless', 'the certificate has no DNS name and no IP address in its subjectAltName');
  }
  if (name === undefined) return undefined;
  const covered = isIP(name) === 0 ? leaf.checkHost(name, { subject: 'never' }) : leaf.checkIP(name);
  if (covered !== undefined) return undefined;
  return invalid('wrong-name', `the certificate is for ${names.join(', ')}, not for ${name}`);
}

/** Why clients would refuse what this CA signs, or why this program cannot sign with it. Dates are not checked. */
export function checkCanSign(ca: X509Certificate): Invalid | undefined {
  if (!ca.ca) return invalid('not-a-ca', 'the certificate is not one of a CA');
  const { asymmetricKeyType: type, asymmetricKeyDetails: key } = ca.publicKey;
  // `issue.ts` signs with RSA only.
  if (type !== 'rsa') return cannotSign('its key is none of RSA');
  if ((key?.modulusLength ?? 0) < MIN_RSA_BITS) {
    return cannotSign(`its key is shorter than ${MIN_RSA_BITS} bits`);
  }
  if (!allowsServerAuth(ca)) return cannotSign('its extended key usage lacks serverAuth');
  const details = parseDetails(ca);
  if (details === undefined) return cannotSign('it cannot be read whole');
  for (const { id, isCritical } of details.extensions) {
    if (id === NAME_CONSTRAINTS) return cannotSign('it is constrained to some names');
    if (isCritical && !KNOWN_EXTENSIONS.has(id)) {
      return cannotSign(`its critical extension ${id} is a strange one`);
    }
  }
  return undefined;
}

function checkTrust(pair: ParsedKeyPair, ca: string | undefined, now: Date): Invalid | undefined {
  if (ca === undefined) return undefined;
  const bundle = readCertificates(ca);
  if (bundle.kind === 'too-large') return invalid('too-large', `the CA bundle is ${bundle.limit}`);
  if (bundle.kind === 'unreadable') return invalid('unreadable-ca', 'the CA bundle is not PEM certificates');
  if (isTrusted(pair.leaf, pair.intermediates, bundle.certificates, now)) return undefined;
  return invalid('untrusted', 'no CA of the bundle that is valid now has signed the certificate');
}

function canHandshake({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean {
  if (type === 'ec') return CURVES.has(details?.namedCurve);
  return type === 'rsa' || type === 'ed25519';
}

function cannotSign(why: string): Invalid {
  return invalid('not-for-signing', `the CA cannot sign serving certificates: ${why}`);
}

function valid(leaf: X509Certificate): Valid {
  const { validFromDate, validToDate } = leaf;
  return { kind: 'valid', notBefore: validFromDate, notAfter: validToDate, names: subjectAltNames(leaf) };
}
