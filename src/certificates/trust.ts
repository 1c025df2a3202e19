import type { X509Certificate } from 'node:crypto';

/**
 * Whether a chain leads from `leaf` over `intermediates` to one of `roots`, every signer valid at `now`.
 * A leaf that stands in `roots` itself is trusted, as Go and openssl hold it.
 */
export function isTrusted(
  leaf: X509Certificate,
  intermediates: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  now: Date,
): boolean {
  if (roots.some((root) => root.raw.equals(leaf.raw))) return true;
  // Each intermediate is climbed once: a crafted ring of them costs a square of signatures and no more.
  const unclimbed = new Set(intermediates);
  const climbing = [leaf];
  for (let subject = climbing.pop(); subject !== undefined; subject = climbing.pop()) {
    for (const root of roots) if (hasSigned(root, subject, now)) return true;
    for (const intermediate of unclimbed) {
      if (!hasSigned(intermediate, subject, now)) continue;
      unclimbed.delete(intermediate);
      climbing.push(intermediate);
    }
  }
  return false;
}

function hasSigned(signer: X509Certificate, subject: X509Certificate, now: Date): boolean {
  const valid = signer.validFromDate <= now && now <= signer.validToDate;
  return valid && signer.ca && subject.checkIssued(signer) && subject.verify(signer.publicKey);
}
