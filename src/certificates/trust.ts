import type { X509Certificate } from 'node:crypto';

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

/**
 * Whether a chain leads from `leaf` over `intermediates` to one of `roots`, every issuer valid at `now`.
 * A leaf that is itself one of the `roots` is trusted, as in Go and openssl.
 */
export function isTrusted(
  leaf: X509Certificate,
  intermediates: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  now: Date,
): boolean {
  if (roots.some((root) => root.raw.equals(leaf.raw))) return true;
  // Each intermediate is visited once: a crafted ring of n of them costs at most n² signature checks.
  const unvisited = new Set(intermediates);
  const reached = [leaf];
  for (let subject = reached.pop(); subject !== undefined; subject = reached.pop()) {
    for (const root of roots) if (isIssuedByValid(subject, root, now)) return true;
    for (const intermediate of unvisited) {
      if (!isIssuedByValid(subject, intermediate, now)) continue;
      unvisited.delete(intermediate);
      reached.push(intermediate);
    }
  }
  return false;
}

function isIssuedByValid(subject: X509Certificate, issuer: X509Certificate, now: Date): boolean {
  return issuer.validFromDate <= now && now <= issuer.validToDate && isIssuedBy(subject, issuer);
}

/** Whether `issuer` has signed `subject` and may sign for servers. Dates are not checked. */
export function isIssuedBy(subject: X509Certificate, issuer: X509Certificate): boolean {
  if (!issuer.ca || !allowsServerAuth(issuer) || !subject.checkIssued(issuer)) return false;
  try {
    return subject.verify(issuer.publicKey);
  } catch {
    // OpenSSL does not know this kind of key.
    return false;
  }
}

/** By the extended key usage. That of a CA limits what it signs as well. */
export function allowsServerAuth(certificate: X509Certificate): boolean {
  // Without the extension, every usage is allowed. node then gives undefined, although its types do not say so.
  const usages = certificate.keyUsage as readonly string[] | undefined;
  return usages === undefined || usages.includes(SERVER_AUTH);
}
