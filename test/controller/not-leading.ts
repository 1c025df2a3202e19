import { KubernetesError } from '../../src/kubernetes/error.ts';

/** What a write of the leader's client throws once it leads no longer; nothing is sent then. */
export function notLeading(): KubernetesError {
  return new KubernetesError('aborted', 'PATCH: this controller leads no longer');
}
