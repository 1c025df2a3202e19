import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import { inspectPair } from './inspect.ts';
import { invalid, type Inspection, type Valid, type Invalid } from './inspection.ts';
import type { KeyPair } from './pair.ts';

export interface FollowOptions {
  /** Paths of PEM files: a mounted Secret, whoever fills it. */
  readonly files: { readonly certificate: string; readonly key: string };
  readonly everyMs: number;
  readonly now: () => Date;
  /** A sound pair with other contents than the one before. */
  readonly onPair: (pair: KeyPair, inspection: Valid) => void;
  /** Contents that cannot serve; the last sound pair stays. Told once, until something else is wrong. */
  readonly onInvalid: (fault: PairFault) => void;
  readonly stop: AbortSignal;
}

export type PairFault = Invalid | Missing;

/** The files cannot be read, yet or any more. */
export interface Missing {
  readonly kind: 'missing';
  /** Of the operating system: `ENOENT`. */
  readonly code: string;
  readonly reason: string;
}

/**
 * Follows a pair of files until `stop`. It reads them again and again: a mounted Secret is exchanged by a symbolic
 * link, which file system events miss on some systems, and two small files cost next to nothing.
 */
export async function followPair(options: FollowOptions): Promise<void> {
  const { files, everyMs, now, onPair, onInvalid, stop } = options;
  let served: KeyPair | undefined;
  let servedUntil = new Date(0);
  let before: KeyPair | Missing | undefined;
  let told: string | undefined;
  while (!stop.aborted) {
    const read = await readPair(files);
    if (isSame(read, served)) {
      // It goes on being served: API servers refuse it, and so does readiness.
      const hasEnded = now() > servedUntil;
      if (hasEnded && told !== 'expired') {
        onInvalid(invalid('expired', `the certificate expired at ${servedUntil.toISOString()}`));
      }
      told = hasEnded ? 'expired' : undefined;
    } else {
      // Looked at again while the contents stay the same: a certificate may become valid.
      const found = 'kind' in read ? read : judge(read, now());
      if (found.kind === 'valid') {
        served = read as KeyPair;
        servedUntil = found.notAfter;
        onPair(served, found);
      } else if (found.code !== told && isSame(read, before)) {
        // Read twice the same: an exchange may have come between the one file and the other.
        told = found.code;
        onInvalid(found);
      }
    }
    before = read;
    await sleep(everyMs, undefined, { signal: stop }).catch(() => undefined);
  }
}

function judge(pair: KeyPair, now: Date): Inspection {
  const inspection = inspectPair(pair, now);
  if (inspection.kind === 'invalid') return inspection;
  try {
    createSecureContext({ cert: pair.certificate, key: pair.key });
    return inspection;
  } catch (error) {
    return invalid('refused-by-tls', error instanceof Error ? error.message : 'OpenSSL refuses it');
  }
}

function isSame(a: KeyPair | Missing, b: KeyPair | Missing | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

async function readPair(files: FollowOptions['files']): Promise<KeyPair | Missing> {
  try {
    return { certificate: await readFile(files.certificate, 'utf8'), key: await readFile(files.key, 'utf8') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    return { kind: 'missing', code, reason: `${files.certificate} or ${files.key} cannot be read` };
  }
}
