import type { Validity } from './renewal.ts';

export type InvalidCode =
  | 'too-large'
  | 'unreadable-certificate'
  | 'unreadable-key'
  | 'unreadable-ca'
  | 'key-mismatch'
  | 'not-yet-valid'
  | 'expired'
  | 'not-for-serving'
  | 'not-a-ca'
  /** A CA whose leaves some clients would not believe, or with which nothing can be signed here. */
  | 'not-for-signing'
  | 'nameless'
  | 'wrong-name'
  | 'untrusted'
  /** OpenSSL will not serve it: a key too short, an algorithm too old. */
  | 'refused-by-tls';

export interface Valid extends Validity {
  readonly kind: 'valid';
  /** DNS names and IP addresses of the subjectAltName. */
  readonly names: readonly string[];
}

export interface Invalid {
  readonly kind: 'invalid';
  readonly code: InvalidCode;
  /** A sentence for a person, without its full stop; it quotes nothing of the key. */
  readonly reason: string;
}

export type Inspection = Valid | Invalid;

export function invalid(code: InvalidCode, reason: string): Invalid {
  return { kind: 'invalid', code, reason };
}
