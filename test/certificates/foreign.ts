import { generateKeyPairSync, sign } from 'node:crypto';
import forge from 'node-forge';
import type { KeyPair } from '../../src/certificates/key-pair.ts';

const { asn1, pki } = forge;
/** forge exports it, but its types do not know it. */
const { getTBSCertificate } = pki as unknown as {
  getTBSCertificate: (certificate: forge.pki.Certificate) => forge.asn1.Asn1;
};
const SHA256_WITH_RSA = '1.2.840.113549.1.1.11';
const ISSUER = 3;
const SUBJECT = 5;
const CONSTRAINED_TO = 'corp.example';

interface ForeignCa {
  readonly bits?: number;
  readonly name?: readonly forge.pki.CertificateField[];
  /** All parts of the name are in one relative distinguished name. */
  readonly isMultiValued?: boolean;
  readonly extensions?: readonly object[];
}

/** CAs as other programs make them. All of them are legal; some cannot be used here. */
const FOREIGN_CAS = {
  /** As Go makes them since 1.25, with another hash. */
  'a key id of its own': { extensions: [{ id: '2.5.29.14', value: `\x04\x14${'k'.repeat(20)}` }] },
  'no key id': {},
  'a name that is not ASCII': {
    name: [
      // forge accepts the tag of a value, although its types do not say so.
      { name: 'organizationName', value: 'Ünïcode 工', valueTagClass: asn1.Type.UTF8 as never },
      { name: 'commonName', value: 'Corp' },
    ],
  },
  'a multi-valued name': {
    name: [
      { name: 'organizationName', value: 'Corp' },
      { name: 'organizationalUnitName', value: 'a' },
    ],
    isMultiValued: true,
  },
  'an extended key usage for clients': { extensions: [{ name: 'extKeyUsage', clientAuth: true }] },
  'name constraints': { extensions: [{ id: '2.5.29.30', critical: true, value: constraints() }] },
  'name constraints that are not critical': { extensions: [{ id: '2.5.29.30', value: constraints() }] },
  'an unknown critical extension': {
    extensions: [{ id: '1.2.3.4', critical: true, value: '\x05\x00' }],
  },
  'a key of 512 bits': { bits: 512 },
  'a key of 1,024 bits': { bits: 1024 },
} satisfies Record<string, ForeignCa>;

export type ForeignKind = keyof typeof FOREIGN_CAS;

/** Those whose leaves verify. */
export const USABLE: readonly ForeignKind[] = [
  'a key id of its own',
  'no key id',
  'a name that is not ASCII',
  'a multi-valued name',
];

export const FOREIGN_KINDS = Object.keys(FOREIGN_CAS) as ForeignKind[];

export function makeForeignCa(kind: ForeignKind, now: Date): KeyPair {
  const { bits = 2048, name = NAME, isMultiValued = false, extensions = [] }: ForeignCa = FOREIGN_CAS[kind];
  const keys = generateKeyPairSync('rsa', {
    modulusLength: bits,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const certificate = pki.createCertificate();
  certificate.publicKey = pki.publicKeyFromPem(keys.publicKey);
  certificate.serialNumber = '40';
  certificate.validity.notBefore = new Date(now.getTime() - 3_600_000);
  certificate.validity.notAfter = new Date(now.getTime() + 300 * 86_400_000);
  certificate.setSubject([...name]);
  certificate.setIssuer([...name]);
  certificate.setExtensions([{ name: 'basicConstraints', critical: true, cA: true }, ...extensions]);
  certificate.signatureOid = SHA256_WITH_RSA;
  certificate.siginfo.algorithmOid = SHA256_WITH_RSA;
  const body = getTBSCertificate(certificate);
  if (isMultiValued)
    for (const field of [ISSUER, SUBJECT]) joinParts((body.value as forge.asn1.Asn1[])[field]);
  certificate.tbsCertificate = body;
  const bytes = Buffer.from(asn1.toDer(body).getBytes(), 'binary');
  certificate.signature = sign('sha256', bytes, keys.privateKey).toString('binary');
  return { certificate: pki.certificateToPem(certificate).replaceAll('\r\n', '\n'), key: keys.privateKey };
}

const NAME = [{ name: 'commonName', value: 'Corp' }];

function joinParts(name: forge.asn1.Asn1 | undefined): void {
  const sets = (name?.value ?? []) as forge.asn1.Asn1[];
  const [first] = sets;
  if (name === undefined || first === undefined) return;
  first.value = sets.flatMap(({ value }) => value as forge.asn1.Asn1[]);
  name.value = [first];
}

/** One subtree is permitted: a DNS name. */
function constraints(): string {
  const wrap = (tag: number, content: string): string => String.fromCharCode(tag, content.length) + content;
  return wrap(0x30, wrap(0xa0, wrap(0x30, wrap(0x82, CONSTRAINED_TO))));
}
