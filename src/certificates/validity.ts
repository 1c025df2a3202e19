/** Whether a certificate is valid, in types that need no certificate at hand. */

/** The first and the last moment at which a certificate is valid. */
export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export function isValid({ notBefore, notAfter }: Validity, now: Date): boolean {
  return notBefore <= now && now <= notAfter;
}

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
  /** Some clients would refuse what this CA signs, or this program cannot sign with it. */
  | 'not-for-signing'
  | 'nameless'
  | 'wrong-name'
  | 'untrusted'
  /** OpenSSL refuses to serve it: its key is too short, say, or its algorithm too old. */
  | 'refused-by-tls';

export interface Valid extends Validity {
  readonly kind: 'valid';
  /** DNS names and IP addresses of the subjectAltName. */
  readonly names: readonly string[];
}

export interface Invalid {
  readonly kind: 'invalid';
  readonly code: InvalidCode;
  /** A sentence for a person, without a full stop. It quotes nothing of the key. */
  readonly reason: string;
}

export type Inspection = Valid | Invalid;

export function invalid(code: InvalidCode, reason: string): Invalid {
  return { kind: 'invalid', code, reason };
}
