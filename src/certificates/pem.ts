import { X509Certificate } from 'node:crypto';
import { isNonEmpty, type NonEmpty } from '../problems/problem.ts';

export type PemCertificates =
  | { readonly kind: 'read'; readonly certificates: NonEmpty<X509Certificate> }
  /** `limit` completes "the certificate is ...". */
  | { readonly kind: 'too-large'; readonly limit: string }
  | { readonly kind: 'unreadable' };

/** Far above any real chain or bundle of ours, and far below what burns CPU (CVE-2024-12401). */
const LARGEST_PEM = 128 * 1024;
const LONGEST_CHAIN = 32;
const BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----/g;

/** Every certificate of a PEM text, in its order; text between the blocks is passed over, as openssl does. */
export function readCertificates(pem: string): PemCertificates {
  if (pem.length > LARGEST_PEM) {
    return { kind: 'too-large', limit: `longer than ${LARGEST_PEM} characters` };
  }
  const blocks = pem.match(BLOCK) ?? [];
  if (blocks.length > LONGEST_CHAIN) {
    return { kind: 'too-large', limit: `more than ${LONGEST_CHAIN} certificates` };
  }
  try {
    const certificates = blocks.map((block) => new X509Certificate(block));
    return isNonEmpty(certificates) ? { kind: 'read', certificates } : { kind: 'unreadable' };
  } catch {
    return { kind: 'unreadable' };
  }
}

/** The DNS names and IP addresses of a certificate's subjectAltName. */
export function namesOf(certificate: X509Certificate): readonly string[] {
  // `DNS:a.example, IP Address:127.0.0.1`; node quotes a value that holds a comma as a JSON string.
  const entries = certificate.subjectAltName?.matchAll(/(DNS|IP Address):("(?:[^"\\]|\\.)*"|[^,]*)/g) ?? [];
  return [...entries].map(([, , name = '']) => name);
}

/** The SHA-256 fingerprint, as one word of hexadecimal digits. */
export function idOf(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(':', '').toLowerCase();
}
