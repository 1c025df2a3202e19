import { X509Certificate } from 'node:crypto';
import forge from 'node-forge';
import { isNonEmpty, type NonEmpty } from '../problems/problem.ts';

export type PemCertificates =
  | { readonly kind: 'read'; readonly certificates: NonEmpty<X509Certificate> }
  /** `limit` completes "the certificate is ...". */
  | { readonly kind: 'too-large'; readonly limit: string }
  | { readonly kind: 'unreadable' };

/** Far above any real chain or bundle, and far below what costs much CPU (CVE-2024-12401). */
const MAX_PEM_LENGTH = 128 * 1024;
const MAX_CERTIFICATES = 32;
const BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----/g;

/** Every certificate of a PEM text, in its order. Text between the blocks is ignored, as by openssl. Never throws. */
export function readCertificates(pem: string): PemCertificates {
  if (pem.length > MAX_PEM_LENGTH) {
    return { kind: 'too-large', limit: `longer than ${MAX_PEM_LENGTH} characters` };
  }
  const blocks = pem.match(BLOCK) ?? [];
  if (blocks.length > MAX_CERTIFICATES) {
    return { kind: 'too-large', limit: `more than ${MAX_CERTIFICATES} certificates` };
  }
  try {
    const certificates = blocks.map((block) => new X509Certificate(block));
    return isNonEmpty(certificates) ? { kind: 'read', certificates } : { kind: 'unreadable' };
  } catch {
    return { kind: 'unreadable' };
  }
}

/** The DNS names and IP addresses of a certificate's subjectAltName. */
export function subjectAltNames(certificate: X509Certificate): readonly string[] {
  // `DNS:a.example, IP Address:127.0.0.1`; node quotes a value that holds a comma as a JSON string.
  const entries = certificate.subjectAltName?.matchAll(/(DNS|IP Address):("(?:[^"\\]|\\.)*"|[^,]*)/g) ?? [];
  return [...entries].map(([, , name = '']) => name);
}

/** The SHA-256 fingerprint: 64 lower-case hexadecimal digits. */
export function fingerprintOf(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(':', '').toLowerCase();
}

/** The parts of a certificate that node does not show. */
export interface CertificateDetails {
  /** The name as it is encoded: one that is rebuilt from its parts would not always be equal. */
  readonly subject: forge.asn1.Asn1;
  readonly extensions: readonly Extension[];
}

export interface Extension {
  /** The object identifier: `2.5.29.15`. */
  readonly id: string;
  readonly isCritical: boolean;
  /** DER, as a binary string. */
  readonly value: string;
}

const { asn1 } = forge;
/** The place after version, serial number, algorithm, issuer and validity, in a certificate that has extensions. */
const SUBJECT = 5;
const EXTENSIONS_TAG: number = 3;

/** Undefined where the certificate has no extensions (X.509 v1), or its encoding is wrong. */
export function parseDetails(certificate: X509Certificate): CertificateDetails | undefined {
  try {
    const bytes = forge.util.createBuffer(certificate.raw.toString('binary'));
    const [body] = partsOf(asn1.fromDer(bytes));
    const fields = partsOf(body);
    const subject = fields[SUBJECT];
    const extensions = fields.find(
      ({ tagClass, type }) => tagClass === asn1.Class.CONTEXT_SPECIFIC && (type as number) === EXTENSIONS_TAG,
    );
    if (subject === undefined || extensions === undefined) return undefined;
    return { subject, extensions: partsOf(partsOf(extensions)[0]).map(readExtension) };
  } catch {
    return undefined;
  }
}

function partsOf(node: forge.asn1.Asn1 | undefined): readonly forge.asn1.Asn1[] {
  return Array.isArray(node?.value) ? node.value : [];
}

function readExtension(node: forge.asn1.Asn1): Extension {
  const parts = partsOf(node);
  const id = bytesOf(parts[0]);
  // DER leaves the default out: an extension of two parts is not critical.
  const isCritical = parts.length > 2 && bytesOf(parts[1]) !== '\0';
  return { id: asn1.derToOid(forge.util.createBuffer(id)), isCritical, value: bytesOf(parts.at(-1)) };
}

function bytesOf(node: forge.asn1.Asn1 | undefined): string {
  if (typeof node?.value !== 'string') throw new TypeError('no plain value');
  return node.value;
}
