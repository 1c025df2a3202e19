import { generateKeyPair, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import forge from 'node-forge';
import { CertificateError } from './error.ts';
import { inspectCa } from './inspect.ts';
import { BACKDATED_MS, CA_LIFETIME_DAYS, DAY_MS, SERVING_LIFETIME_DAYS } from './lifetimes.ts';
import type { KeyPair } from './pair.ts';

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
 * A self-signed CA that may sign leaves and nothing below them.
 * It blocks the event loop for a signature (tens of milliseconds); the key is made off the loop.
 */
export async function issueCa(request: CaRequest): Promise<KeyPair> {
  const keys = await makeKeys();
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
 * A serving certificate for `names`, signed by `ca`.
 * @throws CertificateError `no-names`, `unusable-ca`
 */
export async function issueServing(request: ServingRequest): Promise<KeyPair> {
  if (request.names.length === 0) throw new CertificateError('no-names', 'a certificate needs a name');
  const ca = readCa(request.ca, request.now);
  const keys = await makeKeys();
  const certificate = blankCertificate(keys.publicKey, request.now);
  const wanted = daysAfter(request.now, request.lifetimeDays ?? SERVING_LIFETIME_DAYS);
  certificate.validity.notAfter = new Date(Math.min(wanted.getTime(), ca.validity.notAfter.getTime()));
  // Names stand in the SAN alone: a common name holds 64 characters, and a Service's name can be longer.
  certificate.setSubject([{ name: 'commonName', value: 'tbot-injector' }]);
  certificate.setIssuer(ca.subject.attributes);
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: false },
    { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames: request.names.map(altName) },
    { name: 'subjectKeyIdentifier' },
    { name: 'authorityKeyIdentifier', keyIdentifier: ca.generateSubjectKeyIdentifier().getBytes() },
  ]);
  return signed(certificate, keys.privateKey, request.ca.key);
}

/** Never forge's own generation: it is plain JavaScript and blocks for seconds. */
function makeKeys(): Promise<{ publicKey: string; privateKey: string }> {
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
 * 16 random bytes as hex. The top bit is cleared, for a serial is a positive number;
 * the next is set, for DER forbids the leading zeros that would otherwise turn up now and then.
 */
function randomSerial(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8() & 0x7f) | 0x40);
  return bytes.toString('hex');
}

function altName(name: string): { type: number; value?: string; ip?: string } {
  return isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name };
}

function signed(certificate: forge.pki.Certificate, key: string, signingKey: string): KeyPair {
  certificate.sign(forge.pki.privateKeyFromPem(signingKey), forge.md.sha256.create());
  return { certificate: forge.pki.certificateToPem(certificate).replaceAll('\r\n', '\n'), key };
}

function readCa(ca: KeyPair, now: Date): forge.pki.Certificate {
  const inspection = inspectCa(ca, now);
  if (inspection.kind === 'unsound') throw new CertificateError('unusable-ca', inspection.reason);
  try {
    return forge.pki.certificateFromPem(ca.certificate);
  } catch (cause) {
    throw new CertificateError('unusable-ca', 'the CA is none with an RSA key', { cause });
  }
}

function daysAfter(now: Date, days: number): Date {
  return new Date(now.getTime() + days * DAY_MS);
}
