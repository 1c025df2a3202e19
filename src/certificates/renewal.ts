/**
 * When certificates are replaced: pure, the clock is an argument. The phases of a CA's rotation
 * (publish old and new, sign with the new, drop the old) belong here too.
 */
export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** The moment two thirds of the lifetime are over: the last third is there for failing to renew. */
export function renewalTime({ notBefore, notAfter }: Validity): Date {
  const lifetime = notAfter.getTime() - notBefore.getTime();
  return new Date(notBefore.getTime() + (lifetime * 2) / 3);
}

export function isDueForRenewal(validity: Validity, now: Date): boolean {
  return now.getTime() >= renewalTime(validity).getTime();
}
