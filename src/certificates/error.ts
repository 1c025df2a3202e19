export type CertificateErrorCode =
  /** A certificate was requested without a name, or with a name that no certificate can have. */
  | 'no-names'
  /** The CA that is to sign cannot be read, its key does not fit, or clients would refuse what it signs. */
  | 'unusable-ca';

/** What this room throws: issuing has failed. `inspectPair` and `inspectCa` say what is wrong with a certificate. */
export class CertificateError extends Error {
  readonly code: CertificateErrorCode;

  constructor(code: CertificateErrorCode, message: string) {
    super(message);
    this.name = 'CertificateError';
    this.code = code;
  }
}
