import { KubernetesError } from '../../src/kubernetes/error.ts';

/** The error of a write after the leadership is lost; nothing is sent then. */
export function notLeading(): KubernetesError {
  return new KubernetesError('aborted', 'PATCH: this controller leads no longer');
}
