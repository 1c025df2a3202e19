import type { X509Certificate } from 'node:crypto';
import forge from 'node-forge';

/** What node does not tell of a certificate. */
export interface CertificateDetails {
  /** The name as it is encoded: rebuilt from its parts, it would not always be the same one. */
  readonly subject: forge.asn1.Asn1;
  readonly extensions: readonly Extension[];
}

export interface Extension {
  readonly id: string;
  readonly isCritical: boolean;
  /** DER, as a binary string. */
  readonly value: string;
}

const { asn1 } = forge;
/** Of version, serial number, algorithm, issuer, validity and subject, in a certificate that has extensions. */
const SUBJECT = 5;
const EXTENSIONS_TAG: number = 3;

/** Undefined where the certificate is of an early version, or is not encoded as it should be. */
export function detailsOf(certificate: X509Certificate): CertificateDetails | undefined {
  try {
    const bytes = forge.util.createBuffer(certificate.raw.toString('binary'));
    const [body] = partsOf(asn1.fromDer(bytes));
    const fields = partsOf(body);
    const subject = fields[SUBJECT];
    const holder = fields.find(
      ({ tagClass, type }) => tagClass === asn1.Class.CONTEXT_SPECIFIC && (type as number) === EXTENSIONS_TAG,
    );
    if (subject === undefined || holder === undefined) return undefined;
    return { subject, extensions: partsOf(partsOf(holder)[0]).map(readExtension) };
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
  // Its default is left out.
  const isCritical = parts.length > 2 && bytesOf(parts[1]) !== '\0';
  return { id: asn1.derToOid(forge.util.createBuffer(id)), isCritical, value: bytesOf(parts.at(-1)) };
}

function bytesOf(node: forge.asn1.Asn1 | undefined): string {
  if (typeof node?.value !== 'string') throw new TypeError('no plain value');
  return node.value;
}
