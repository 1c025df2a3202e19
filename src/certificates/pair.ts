import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { invalid, type Invalid } from './inspection.ts';
import { readCertificates } from './pem.ts';

/** A certificate and its private key, both PEM: the content of a `kubernetes.io/tls` Secret. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

export interface OpenPair {
  readonly kind: 'open';
  readonly leaf: X509Certificate;
  readonly intermediates: readonly X509Certificate[];
}

/** A private key of 8,192 bits fits; parsing is paid for by size (CVE-2024-12401). */
const LARGEST_KEY = 16 * 1024;

/** The certificates of a pair that can be read, whose key is the first certificate's and which is valid now. */
export function openPair(pair: KeyPair, now: Date): OpenPair | Invalid {
  const open = matchPair(pair);
  if (open.kind === 'invalid') return open;
  const { leaf } = open;
  if (now < leaf.validFromDate) {
    return invalid('not-yet-valid', `the certificate is valid from ${leaf.validFromDate.toISOString()}`);
  }
  if (now > leaf.validToDate) {
    return invalid('expired', `the certificate expired at ${leaf.validToDate.toISOString()}`);
  }
  return open;
}

/** The same, whatever the dates are. */
export function matchPair(pair: KeyPair): OpenPair | Invalid {
  const chain = readCertificates(pair.certificate);
  if (chain.kind === 'too-large') return invalid('too-large', `the certificate is ${chain.limit}`);
  if (chain.kind === 'unreadable') {
    return invalid('unreadable-certificate', 'the certificate is not a PEM certificate');
  }
  const [leaf, ...intermediates] = chain.certificates;
  // Neither before nor after anything: it would count as valid.
  if (chain.certificates.some(hasNoDates)) {
    return invalid('unreadable-certificate', 'the certificate has dates that are none');
  }

  if (pair.key.length > LARGEST_KEY) {
    return invalid('too-large', `the private key is longer than ${LARGEST_KEY} characters`);
  }
  const key = readKey(pair.key);
  if (key === undefined) return invalid('unreadable-key', 'the private key is not an unencrypted PEM key');
  if (!leaf.checkPrivateKey(key)) {
    return invalid('key-mismatch', 'the private key is not the key of the certificate');
  }
  return { kind: 'open', leaf, intermediates };
}

/** By the text: node makes a `validToDate` of whatever is in memory where OpenSSL could not read the time. */
function hasNoDates({ validFrom, validTo }: X509Certificate): boolean {
  return [validFrom, validTo].some((time) => Number.isNaN(Date.parse(time)));
}

function readKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    // The parser's own words are of no help to a person, and a key's neighbourhood is not for logs.
    return undefined;
  }
}
