import { generateKeyPair, randomBytes, sign, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import forge from 'node-forge';
import { parseDetails, type CertificateDetails } from './certificate.ts';
import { CertificateError } from './error.ts';
import { checkCanServe, inspectCa } from './inspect.ts';
import type { KeyPair } from './key-pair.ts';
import { BACKDATED_MS, CA_LIFETIME_DAYS, DAY_MS, SERVING_LIFETIME_DAYS } from './renewal.ts';
import { isIssuedBy } from './trust.ts';

/** forge exports it, but its types do not know it. */
const { getTBSCertificate } = forge.pki as unknown as {
  getTBSCertificate: (certificate: forge.pki.Certificate) => forge.asn1.Asn1;
};
/** sha256WithRSAEncryption. */
const SIGNATURE = '1.2.840.113549.1.1.11';
const SUBJECT_KEY_ID = '2.5.29.14';
/** The place after version, serial number and algorithm, in the part of a certificate that is signed. */
const ISSUER = 3;

export interface CaRequest {
  readonly commonName: string;
  readonly now: Date;
  /** Defaults to `CA_LIFETIME_DAYS`. */
  readonly lifetimeDays?: number;
}

export interface ServingRequest {
  readonly ca: KeyPair;
  /** DNS names and IP addresses, at least one. */
  readonly names: readonly string[];
  readonly now: Date;
  /** Defaults to `SERVING_LIFETIME_DAYS`; never beyond the end of the CA. */
  readonly lifetimeDays?: number;
}

/**
 * A self-signed CA that may sign leaves, but no further CA.
 * The signature blocks the event loop for milliseconds; the key is generated off the loop.
 */
export async function issueCa(request: CaRequest): Promise<KeyPair> {
  const keys = await generateKeys();
  const certificate = blankCertificate(keys.publicKey, request.now);
  certificate.validity.notAfter = daysAfter(request.now, request.lifetimeDays ?? CA_LIFETIME_DAYS);
  const name = [{ name: 'commonName', value: request.commonName }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: true, pathLenConstraint: 0 },
    { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
    { name: 'subjectKeyIdentifier' },
    { name: 'authorityKeyIdentifier', keyIdentifier: true },
  ]);
  return signed(certificate, keys.privateKey, keys.privateKey);
}

/**
 * A serving certificate for `names`, signed by `ca` and verified against it.
 * @throws CertificateError `no-names`, `unusable-ca`
 */
export async function issueServing(request: ServingRequest): Promise<KeyPair> {
  if (request.names.length === 0) throw new CertificateError('no-names', 'a certificate needs a name');
  const ca = readCa(request.ca, request.now);
  const keys = await generateKeys();
  const certificate = blankCertificate(keys.publicKey, request.now);
  const desired = daysAfter(request.now, request.lifetimeDays ?? SERVING_LIFETIME_DAYS);
  certificate.validity.notAfter = new Date(Math.min(desired.getTime(), ca.x509.validToDate.getTime()));
  // The names are in the SAN alone: a common name holds 64 characters, and a Service's name can be longer.
  certificate.setSubject([{ name: 'commonName', value: 'tbot-injector' }]);
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: false },
    { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames: request.names.map(altName) },
    { name: 'subjectKeyIdentifier' },
    ...(ca.keyId === undefined ? [] : [{ name: 'authorityKeyIdentifier', keyIdentifier: ca.keyId }]),
  ]);
  const pair = signed(certificate, keys.privateKey, request.ca.key, ca.subject);
  verify(new X509Certificate(pair.certificate), ca.x509, request.names);
  return pair;
}

/** Checked before it is stored: a leaf that clients refuse would be issued again and again. */
function verify(leaf: X509Certificate, ca: X509Certificate, names: readonly string[]): void {
  if (!isIssuedBy(leaf, ca)) {
    throw new CertificateError('unusable-ca', 'what the CA signs cannot be verified by it');
  }
  for (const name of names) {
    const fault = checkCanServe(leaf, name);
    if (fault !== undefined) throw new CertificateError('no-names', fault.reason);
  }
}

/** forge would generate keys in plain JavaScript, which blocks for seconds. */
function generateKeys(): Promise<{ publicKey: string; privateKey: string }> {
  return promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

function blankCertificate(publicKey: string, now: Date): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  certificate.serialNumber = randomSerial();
  certificate.validity.notBefore = new Date(now.getTime() - BACKDATED_MS);
  return certificate;
}

/**
 * 16 random bytes as hex. The top bit is cleared, because a serial number is positive. The next bit is set, because DER
 * forbids leading zeros.
 */
function randomSerial(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8() & 0x7f) | 0x40);
  return bytes.toString('hex');
}

function altName(name: string): { type: number; value?: string; ip?: string } {
  return isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name };
}

/** forge encodes the certificate and node signs it: forge would block for long. `issuer` replaces the name that is set. */
function signed(
  certificate: forge.pki.Certificate,
  key: string,
  signingKey: string,
  issuer?: forge.asn1.Asn1,
): KeyPair {
  certificate.signatureOid = SIGNATURE;
  certificate.siginfo.algorithmOid = SIGNATURE;
  const body = getTBSCertificate(certificate);
  if (issuer !== undefined) (body.value as forge.asn1.Asn1[])[ISSUER] = issuer;
  certificate.tbsCertificate = body;
  const bytes = Buffer.from(forge.asn1.toDer(body).getBytes(), 'binary');
  certificate.signature = sign('sha256', bytes, signingKey).toString('binary');
  return { certificate: forge.pki.certificateToPem(certificate).replaceAll('\r\n', '\n'), key };
}

interface Issuer {
  readonly x509: X509Certificate;
  readonly subject: CertificateDetails['subject'];
  /** The subject key identifier that the CA has, by whatever hash; undefined where it has none. */
  readonly keyId: string | undefined;
}

function readCa(ca: KeyPair, now: Date): Issuer {
  const inspection = inspectCa(ca, now);
  if (inspection.kind === 'invalid') throw new CertificateError('unusable-ca', inspection.reason);
  const x509 = new X509Certificate(ca.certificate);
  const details = parseDetails(x509);
  if (details === undefined) throw new CertificateError('unusable-ca', 'the CA cannot be read whole');
  const { subject, extensions } = details;
  return { x509, subject, keyId: keyIdOf(extensions) };
}

function keyIdOf(extensions: CertificateDetails['extensions']): string | undefined {
  const extension = extensions.find(({ id }) => id === SUBJECT_KEY_ID);
  return extension && (forge.asn1.fromDer(extension.value).value as string);
}

function daysAfter(now: Date, days: number): Date {
  return new Date(now.getTime() + days * DAY_MS);
}
