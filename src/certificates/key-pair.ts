import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { readCertificates } from './certificate.ts';
import { invalid, type Invalid } from './validity.ts';

/** A certificate and its private key, both PEM: the content of a `kubernetes.io/tls` Secret. */
export interface KeyPair {
  /** The leaf first, then any intermediates. */
  readonly certificate: string;
  readonly key: string;
}

export interface ParsedKeyPair {
  readonly kind: 'parsed';
  readonly leaf: X509Certificate;
  readonly intermediates: readonly X509Certificate[];
}

/** A private key of 8,192 bits fits. The cost of parsing grows with the size (CVE-2024-12401). */
const MAX_KEY_LENGTH = 16 * 1024;

/** The certificates of a pair that can be read, whose key fits the first certificate and which is valid now. */
export function parseValidKeyPair(pair: KeyPair, now: Date): ParsedKeyPair | Invalid {
  const parsed = parseKeyPair(pair);
  if (parsed.kind === 'invalid') return parsed;
  const { leaf } = parsed;
  if (now < leaf.validFromDate) {
    return invalid('not-yet-valid', `the certificate is valid from ${leaf.validFromDate.toISOString()}`);
  }
  if (now > leaf.validToDate) {
    return invalid('expired', `the certificate expired at ${leaf.validToDate.toISOString()}`);
  }
  return parsed;
}

/** The same as `parseValidKeyPair`, whatever the dates are. */
export function parseKeyPair(pair: KeyPair): ParsedKeyPair | Invalid {
  const chain = readCertificates(pair.certificate);
  if (chain.kind === 'too-large') return invalid('too-large', `the certificate is ${chain.limit}`);
  if (chain.kind === 'unreadable') {
    return invalid('unreadable-certificate', 'the certificate is not a PEM certificate');
  }
  const [leaf, ...intermediates] = chain.certificates;
  // Every comparison with such a date is false: the certificate would count as valid at all times.
  if (chain.certificates.some(hasUnreadableDate)) {
    return invalid('unreadable-certificate', 'the certificate has dates that are none');
  }

  if (pair.key.length > MAX_KEY_LENGTH) {
    return invalid('too-large', `the private key is longer than ${MAX_KEY_LENGTH} characters`);
  }
  const key = readKey(pair.key);
  if (key === undefined) return invalid('unreadable-key', 'the private key is not an unencrypted PEM key');
  if (!leaf.checkPrivateKey(key)) {
    return invalid('key-mismatch', 'the private key is not the key of the certificate');
  }
  return { kind: 'parsed', leaf, intermediates };
}

/** Looks at the text: where OpenSSL cannot read the time, node's `validToDate` is whatever is in memory. */
function hasUnreadableDate({ validFrom, validTo }: X509Certificate): boolean {
  return [validFrom, validTo].some((time) => Number.isNaN(Date.parse(time)));
}

function readKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    // The parser's message helps no reader, and it may quote bytes near a key.
    return undefined;
  }
}
