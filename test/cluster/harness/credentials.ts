import { generateKeyPair as generateKeyPairWithCallback, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

import forge from 'node-forge';

const generateKeyPair = promisify(generateKeyPairWithCallback);

export interface PemPair {
  readonly certificate: string;
  readonly key: string;
}

export interface Subject {
  readonly commonName: string;
  /** The API server reads a client's group from here. */
  readonly organization?: string;
  readonly addresses?: readonly string[];
  readonly names?: readonly string[];
}

/** A self-signed authority for one test run. */
export async function createAuthority(commonName: string): Promise<PemPair> {
  return certify({ commonName }, undefined);
}

/** A certificate for a server (with addresses or names) or a client of the API server. */
export async function createLeaf(authority: PemPair, subject: Subject): Promise<PemPair> {
  return certify(subject, authority);
}

/** RSA, because node-forge knows no other; made by Node, because forge blocks for seconds. */
export async function createKey(): Promise<{ publicKey: string; privateKey: string }> {
  return generateKeyPair('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

const HOUR_MS = 3_600_000;

async function certify(subject: Subject, authority: PemPair | undefined): Promise<PemPair> {
  const { publicKey, privateKey } = await createKey();
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  // Positive, and without the leading zeros that DER forbids: Go refuses such a certificate.
  certificate.serialNumber = `40${randomBytes(15).toString('hex')}`;
  certificate.validity.notBefore = new Date(Date.now() - HOUR_MS);
  certificate.validity.notAfter = new Date(Date.now() + 24 * HOUR_MS);
  const fields = [{ name: 'commonName', value: subject.commonName }];
  if (subject.organization !== undefined)
    fields.push({ name: 'organizationName', value: subject.organization });
  certificate.setSubject(fields);
  const issuer = authority && forge.pki.certificateFromPem(authority.certificate);
  certificate.setIssuer((issuer ?? certificate).subject.attributes);
  certificate.setExtensions(authority === undefined ? AUTHORITY : leafExtensions(subject));
  certificate.sign(forge.pki.privateKeyFromPem(authority?.key ?? privateKey), forge.md.sha256.create());
  return { certificate: forge.pki.certificateToPem(certificate), key: privateKey };
}

const AUTHORITY = [
  { name: 'basicConstraints', cA: true, critical: true },
  { name: 'keyUsage', keyCertSign: true, critical: true },
];

function leafExtensions({ addresses = [], names = [] }: Subject): object[] {
  const [dns, ip] = [2, 7];
  const altNames = [
    ...names.map((value) => ({ type: dns, value })),
    ...addresses.map((address) => ({ type: ip, ip: address })),
  ];
  return [
    { name: 'keyUsage', digitalSignature: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
    ...(altNames.length === 0 ? [] : [{ name: 'subjectAltName', altNames }]),
  ];
}
