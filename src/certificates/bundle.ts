import type { Bundle, Ca, CertificateId, RotationFacts } from './rotation-facts.ts';

/** Whom API servers are to trust. Newest first, so that a CA does not move when it changes its part. */
export function bundleOf({
  signing,
  next,
  retired,
}: Pick<RotationFacts, 'signing' | 'next' | 'retired'>): readonly CertificateId[] {
  const cas = [signing, next, ...retired].filter((ca) => ca !== undefined);
  const order = (a: Ca, b: Ca): number =>
    b.notBefore.getTime() - a.notBefore.getTime() || compare(a.id, b.id);
  return [...new Set(cas.toSorted(order).map(({ id }) => id))];
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The same CAs, in whatever order. */
export function isSameBundle(found: Bundle, desired: readonly CertificateId[]): boolean {
  if (found === undefined) return false;
  const ids = new Set(found);
  return ids.size === desired.length && desired.every((id) => ids.has(id));
}
