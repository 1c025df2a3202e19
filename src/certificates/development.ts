import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { CertificateError } from './error.ts';
import { inspectCa, inspectPair } from './inspect.ts';
import { issueCa, issueServing } from './issue.ts';
import { codeOf, withLock } from './lock.ts';
import type { KeyPair } from './pair.ts';
import { isDueForRenewal } from './renewal.ts';

/** Paths, not contents: the same three that a mounted Secret of type kubernetes.io/tls gives. */
export interface CertificateFiles {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

const NAMES = ['localhost', '127.0.0.1', '::1'] as const;

/**
 * Sees to it that `dir` holds a serving certificate for this machine's loopback names that is sound and not
 * due for renewal, with the CA that signed it. Safe when several processes start at once.
 * @throws CertificateError `locked`, `io`
 */
export async function ensureDevelopmentCertificate(dir: string, now: Date): Promise<CertificateFiles> {
  const files = { ca: join(dir, 'ca.crt'), certificate: join(dir, 'tls.crt'), key: join(dir, 'tls.key') };
  const caKey = join(dir, 'ca.key');
  try {
    // A look without the lock first: the usual start writes nothing and waits for nobody.
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
    if (cause instanceof CertificateError) throw cause;
    throw new CertificateError('io', `no development certificate in ${dir}`, { cause });
  }
}

function isUsable(pair: KeyPair, ca: string, now: Date): boolean {
  const valid = NAMES.map((name) => inspectPair({ ...pair, ca, name }, now));
  return valid.every((inspection) => inspection.kind === 'valid' && !isDueForRenewal(inspection, now));
}

function isUsableCa(ca: KeyPair, now: Date): boolean {
  const inspection = inspectCa(ca, now);
  return inspection.kind === 'valid' && !isDueForRenewal(inspection, now);
}

/** An absent file reads as an empty one: neither holds a certificate. */
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

/** The new file in one step, so that a reader sees the old content or the new and never a half. */
async function replaceFile(path: string, content: string, mode: number): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeFile(draft, content, { mode, flag: 'wx' });
    // The umask has a say in the mode of a new file.
    await chmod(draft, mode);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
