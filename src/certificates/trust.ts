import type { X509Certificate } from 'node:crypto';

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

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
  return signer.validFromDate <= now && now <= signer.validToDate && vouchesFor(signer, subject);
}

/** Whether `signer` has signed `subject` and may do so for servers, whatever the dates are. */
export function vouchesFor(signer: X509Certificate, subject: X509Certificate): boolean {
  if (!signer.ca || !isForServers(signer) || !subject.checkIssued(signer)) return false;
  try {
    return subject.verify(signer.publicKey);
  } catch {
    // A key of a kind that OpenSSL does not know.
    return false;
  }
}

/** By its extended key usage, which binds what a CA signs as well. */
export function isForServers(certificate: X509Certificate): boolean {
  // Anything is allowed without the extension; node then gives undefined, whatever its types say.
  const usages = certificate.keyUsage as readonly string[] | undefined;
  return usages === undefined || usages.includes(SERVER_AUTH);
}
