export type CertificateErrorCode =
  /** A certificate was asked for without a single name, or for one that no certificate can be for. */
  | 'no-names'
  /** The CA that should sign cannot be read, its key is not its own, or what it signs is not believed. */
  | 'unusable-ca'
  /** Another process held the folder of development certificates for too long. */
  | 'locked'
  /** The folder of development certificates could not be read or written. */
  | 'io';

/** What this room throws: bugs and IO only. What a certificate is worth is told by `inspectPair`. */
export class CertificateError extends Error {
  readonly code: CertificateErrorCode;

  constructor(code: CertificateErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'CertificateError';
    this.code = code;
  }
}
