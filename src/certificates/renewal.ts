/** When certificates are replaced: pure, the clock is an argument. */
export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Of a lifetime: by how much a renewal may come before two thirds of it. */
const WIDEST_SPREAD = 1 / 20;

/**
 * The moment two thirds of the lifetime are over: the last third is there for failing to renew. `spread` (0 to 1)
 * brings it a little forward, so that certificates which were issued together are not renewed together.
 */
export function renewalTime({ notBefore, notAfter }: Validity, spread = 0): Date {
  const lifetime = notAfter.getTime() - notBefore.getTime();
  return new Date(notBefore.getTime() + lifetime * (2 / 3 - spread * WIDEST_SPREAD));
}

export function isDueForRenewal(validity: Validity, now: Date, spread = 0): boolean {
  return now.getTime() >= renewalTime(validity, spread).getTime();
}

/** The spread of a certificate, from its fingerprint: by chance, but the same for every replica at every time. */
export function spreadOf(fingerprint: string): number {
  const sample = Number.parseInt(fingerprint.slice(0, 8), 16);
  return Number.isNaN(sample) ? 0 : sample / 2 ** 32;
}

export function isValid(validity: Validity, now: Date): boolean {
  return validity.notBefore <= now && now <= validity.notAfter;
}
