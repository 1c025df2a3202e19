import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, symlink, rename, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import forge from 'node-forge';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  followServingCertificate,
  type ServingCertificateOptions,
} from '../../src/admission/serving-certificate.ts';
import { issueCa, issueServing } from '../../src/certificates/issue.ts';
import type { KeyPair } from '../../src/certificates/key-pair.ts';

const NOW = new Date('2026-03-01T12:00:00Z');
let first: KeyPair;
let second: KeyPair;

beforeAll(async () => {
  const ca = await issueCa({ commonName: 'test', now: NOW });
  first = await issueServing({ ca, names: ['a.example'], now: NOW });
  second = await issueServing({ ca, names: ['b.example'], now: NOW });
});

describe('following the files of a serving certificate', () => {
  let dir: string;
  let stop: AbortController;
  let following: Promise<void>;
  let reported: string[];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'follow-'));
    stop = new AbortController();
    reported = [];
  });

  afterEach(async () => {
    stop.abort();
    await following;
    await rm(dir, { recursive: true });
  });

  function follow(options: Partial<ServingCertificateOptions> = {}): void {
    following = followServingCertificate({
      files: { certificate: join(dir, 'tls.crt'), key: join(dir, 'tls.key') },
      everyMs: 5,
      now: () => NOW,
      onValid: (_pair, { names }) => reported.push(`serve ${names.join()}`),
      onInvalid: ({ code }) => reported.push(code),
      stop: stop.signal,
      ...options,
    });
  }

  async function write(pair: KeyPair): Promise<void> {
    await writeFile(join(dir, 'tls.crt'), pair.certificate);
    await writeFile(join(dir, 'tls.key'), pair.key);
  }

  /** Bounded: a missing report fails the test instead of blocking it. */
  async function untilReported(...expected: string[]): Promise<void> {
    for (let i = 0; i < 1000 && reported.length < expected.length; i++)
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect(reported).toEqual(expected);
  }

  it('waits for missing files, and reports them once', async () => {
    follow();
    await untilReported('ENOENT');
    await write(first);
    await untilReported('ENOENT', 'serve a.example');
  });

  it('reports once that the served certificate has expired, and serves its successor', async () => {
    let now = NOW;
    await write(first);
    follow({ now: () => now });
    await untilReported('serve a.example');
    now = new Date(NOW.getTime() + 31 * 86_400_000);
    await untilReported('serve a.example', 'expired');
    now = NOW;
    await write(second);
    await untilReported('serve a.example', 'expired', 'serve b.example');
  });

  it('serves a pair that replaces the one before', async () => {
    await write(first);
    follow();
    await untilReported('serve a.example');
    await write(second);
    await untilReported('serve a.example', 'serve b.example');
  });

  it('sees the update of a mounted Secret, which replaces a symbolic link', async () => {
    for (const [name, pair] of [
      ['..1', first],
      ['..2', second],
    ] as const) {
      await mkdir(join(dir, name));
      await writeFile(join(dir, name, 'tls.crt'), pair.certificate);
      await writeFile(join(dir, name, 'tls.key'), pair.key);
    }
    await symlink('..1', join(dir, '..data'));
    await symlink('..data/tls.crt', join(dir, 'tls.crt'));
    await symlink('..data/tls.key', join(dir, 'tls.key'));
    follow();
    await untilReported('serve a.example');
    await symlink('..2', join(dir, '..data_tmp'));
    await rename(join(dir, '..data_tmp'), join(dir, '..data'));
    await untilReported('serve a.example', 'serve b.example');
  });

  it('keeps the last valid pair where the next does not fit, and reports it once, and again after a repair', async () => {
    await write(first);
    follow();
    await untilReported('serve a.example');
    await writeFile(join(dir, 'tls.key'), second.key);
    await untilReported('serve a.example', 'key-mismatch');
    await writeFile(join(dir, 'tls.crt'), 'garbage');
    await untilReported('serve a.example', 'key-mismatch', 'unreadable-certificate');
    await write(first);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await writeFile(join(dir, 'tls.key'), second.key);
    await untilReported('serve a.example', 'key-mismatch', 'unreadable-certificate', 'key-mismatch');
  });

  it('serves a pair once it becomes valid, although its files stay the same', async () => {
    let now = new Date(NOW.getTime() - 7_200_000);
    await write(first);
    follow({ now: () => now });
    await untilReported('not-yet-valid');
    now = NOW;
    await untilReported('not-yet-valid', 'serve a.example');
  });

  it('rejects a pair that OpenSSL refuses to serve', async () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 512 })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString();
    await write({ certificate: selfSigned(weak), key: weak });
    follow();
    await untilReported('refused-by-tls');
  });
});

function selfSigned(key: string): string {
  const certificate = forge.pki.createCertificate();
  const privateKey = forge.pki.privateKeyFromPem(key);
  certificate.publicKey = forge.pki.setRsaPublicKey(privateKey.n, privateKey.e);
  certificate.serialNumber = '40';
  certificate.validity.notBefore = new Date(NOW.getTime() - 1000);
  certificate.validity.notAfter = new Date(NOW.getTime() + 86_400_000);
  certificate.setExtensions([{ name: 'subjectAltName', altNames: [{ type: 2, value: 'a.example' }] }]);
  certificate.sign(privateKey, forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
}
