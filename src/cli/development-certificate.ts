import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { CertificateError } from '../certificates/error.ts';
import { inspectCa, inspectPair } from '../certificates/inspect.ts';
import { issueCa, issueServing } from '../certificates/issue.ts';
import type { KeyPair } from '../certificates/key-pair.ts';
import { isDueForRenewal } from '../certificates/renewal.ts';
import { codeOf, LockError, withLock } from './file-lock.ts';

/** Paths of PEM files: the three that a mounted Secret of type kubernetes.io/tls has. */
export interface CertificateFiles {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** The folder could not be read or written. */
class DevelopmentCertificateError extends Error {
  readonly code = 'io';

  constructor(message: string, options: { readonly cause: unknown }) {
    super(message, options);
    this.name = 'DevelopmentCertificateError';
  }
}

const NAMES = ['localhost', '127.0.0.1', '::1'] as const;

/**
 * Makes sure that `dir` holds a valid serving certificate for the loopback names, not due for renewal, and the CA that
 * signed it. Safe when several processes start at once.
 * @throws LockError; DevelopmentCertificateError, code `io`; CertificateError
 */
export async function ensureDevelopmentCertificate(dir: string, now: Date): Promise<CertificateFiles> {
  const files = { ca: join(dir, 'ca.crt'), certificate: join(dir, 'tls.crt'), key: join(dir, 'tls.key') };
  const caKey = join(dir, 'ca.key');
  try {
    // Checked without the lock first: the usual start writes nothing and does not wait.
    if (isUsable(await readPair(files.certificate, files.key), await read(files.ca), now)) return files;
    await mkdir(dir, { recursive: true });
    await withLock(join(dir, '.lock'), async () => {
      const oldCa = await readPair(files.ca, caKey);
      if (isUsable(await readPair(files.certificate, files.key), oldCa.certificate, now)) return;
      const ca = isUsableCa(oldCa, now)
        ? oldCa
        : await issueCa({ commonName: 'tbot-injector development', now });
      const serving = await issueServing({ ca, names: NAMES, now });
      await replaceFile(caKey, ca.key, 0o600);
      await replaceFile(files.ca, ca.certificate, 0o644);
      await replaceFile(files.key, serving.key, 0o600);
      await replaceFile(files.certificate, serving.certificate, 0o644);
    });
    return files;
  } catch (cause) {
    if (cause instanceof LockError || cause instanceof CertificateError) throw cause;
    throw new DevelopmentCertificateError(`no development certificate in ${dir}`, { cause });
  }
}

function isUsable(pair: KeyPair, ca: string, now: Date): boolean {
  const inspections = NAMES.map((name) => inspectPair({ ...pair, ca, name }, now));
  return inspections.every((inspection) => inspection.kind === 'valid' && !isDueForRenewal(inspection, now));
}

function isUsableCa(ca: KeyPair, now: Date): boolean {
  const inspection = inspectCa(ca, now);
  return inspection.kind === 'valid' && !isDueForRenewal(inspection, now);
}

/** A missing file reads as an empty one: neither holds a certificate. */
async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
}

async function readPair(certificate: string, key: string): Promise<KeyPair> {
  return { certificate: await read(certificate), key: await read(key) };
}

/** Replaces the file in one step, so that a reader sees the old content or the new, never a part. */
async function replaceFile(path: string, content: string, mode: number): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeFile(draft, content, { mode, flag: 'wx' });
    // The umask changes the mode of a new file.
    await chmod(draft, mode);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
