import type { Validity } from './renewal.ts';

export type UnsoundCode =
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

export interface Sound extends Validity {
  readonly kind: 'sound';
  /** DNS names and IP addresses of the subjectAltName. */
  readonly names: readonly string[];
}

export interface Unsound {
  readonly kind: 'unsound';
  readonly code: UnsoundCode;
  /** A sentence for a person, without its full stop; it quotes nothing of the key. */
  readonly reason: string;
}

export type Inspection = Sound | Unsound;

export function unsound(code: UnsoundCode, reason: string): Unsound {
  return { kind: 'unsound', code, reason };
}
