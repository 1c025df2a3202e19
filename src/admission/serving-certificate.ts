import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import { inspectPair } from '../certificates/inspect.ts';
import type { KeyPair } from '../certificates/key-pair.ts';
import { invalid, type Inspection, type Invalid, type Valid } from '../certificates/validity.ts';

export interface ServingCertificateOptions {
  /** Paths of PEM files, as in a mounted Secret. */
  readonly files: { readonly certificate: string; readonly key: string };
  readonly everyMs: number;
  readonly now: () => Date;
  /** A valid pair with other contents than the one before. */
  readonly onValid: (pair: KeyPair, inspection: Valid) => void;
  /** Contents that cannot be served; the last valid pair stays. Called once for each code, until it changes. */
  readonly onInvalid: (fault: ServingCertificateFault) => void;
  readonly stop: AbortSignal;
}

export type ServingCertificateFault = Invalid | Unreadable;

/** The files cannot be read, or not any more. */
interface Unreadable {
  readonly kind: 'unreadable';
  /** Of the operating system: `ENOENT`. */
  readonly code: string;
  readonly reason: string;
}

/**
 * Follows the files of a serving certificate until `stop`. It reads them at intervals: kubelet replaces a mounted Secret
 * by a symbolic link, which file system events miss on some systems, and reading two small files costs little.
 */
export async function followServingCertificate(options: ServingCertificateOptions): Promise<void> {
  const { files, everyMs, now, onValid, onInvalid, stop } = options;
  let served: KeyPair | undefined;
  let servedUntil = new Date(0);
  let before: KeyPair | Unreadable | undefined;
  let reported: string | undefined;
  while (!stop.aborted) {
    const read = await readPair(files);
    if (isSame(read, served)) {
      // An expired certificate is still served: API servers refuse it, and readiness fails.
      const hasExpired = now() > servedUntil;
      if (hasExpired && reported !== 'expired') {
        onInvalid(invalid('expired', `the certificate expired at ${servedUntil.toISOString()}`));
      }
      reported = hasExpired ? 'expired' : undefined;
    } else {
      // Inspected again although the contents are the same: a certificate may become valid.
      const found = 'kind' in read ? read : inspect(read, now());
      if (found.kind === 'valid') {
        served = read as KeyPair;
        servedUntil = found.notAfter;
        onValid(served, found);
      } else if (found.code !== reported && isSame(read, before)) {
        // Only after two equal reads: the pair may have been replaced between the reads of its two files.
        reported = found.code;
        onInvalid(found);
      }
    }
    before = read;
    await sleep(everyMs, undefined, { signal: stop }).catch(() => undefined);
  }
}

function inspect(pair: KeyPair, now: Date): Inspection {
  const inspection = inspectPair(pair, now);
  if (inspection.kind === 'invalid') return inspection;
  try {
    createSecureContext({ cert: pair.certificate, key: pair.key });
    return inspection;
  } catch (error) {
    return invalid('refused-by-tls', error instanceof Error ? error.message : 'OpenSSL refuses it');
  }
}

function isSame(a: KeyPair | Unreadable, b: KeyPair | Unreadable | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

async function readPair(files: ServingCertificateOptions['files']): Promise<KeyPair | Unreadable> {
  try {
    return { certificate: await readFile(files.certificate, 'utf8'), key: await readFile(files.key, 'utf8') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    return { kind: 'unreadable', code, reason: `${files.certificate} or ${files.key} cannot be read` };
  }
}
