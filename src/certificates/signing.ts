import type { X509Certificate } from 'node:crypto';
import { detailsOf } from './details.ts';
import { invalid, type Invalid } from './inspection.ts';
import { isForServers } from './trust.ts';

const LEAST_BITS = 2048;
const NAME_CONSTRAINTS = '2.5.29.30';

/** Key usage, basic constraints, certificate policies and extended key usage. */
const UNDERSTOOD: ReadonlySet<string> = new Set(['2.5.29.15', '2.5.29.19', '2.5.29.32', '2.5.29.37']);

/** What keeps serving certificates that this CA signs from being believed, or us from signing with it. */
export function notForSigning(ca: X509Certificate): Invalid | undefined {
  if (!ca.ca) return invalid('not-a-ca', 'the certificate is not one of a CA');
  const { asymmetricKeyType: type, asymmetricKeyDetails: key } = ca.publicKey;
  // What is signed here is signed with RSA.
  if (type !== 'rsa') return notSigning('its key is none of RSA');
  if ((key?.modulusLength ?? 0) < LEAST_BITS) return notSigning(`its key is shorter than ${LEAST_BITS} bits`);
  if (!isForServers(ca)) return notSigning('its extended key usage lacks serverAuth');
  const details = detailsOf(ca);
  if (details === undefined) return notSigning('it cannot be read whole');
  for (const { id, isCritical } of details.extensions) {
    if (id === NAME_CONSTRAINTS) return notSigning('it is constrained to some names');
    if (isCritical && !UNDERSTOOD.has(id)) return notSigning(`its critical extension ${id} is a strange one`);
  }
  return undefined;
}

function notSigning(why: string): Invalid {
  return invalid('not-for-signing', `the CA cannot sign serving certificates: ${why}`);
}
