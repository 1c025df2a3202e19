import type { GrantedOutput } from '../grants/output.ts';
import type { ContainerView, PodView } from './pod.ts';

/**
 * The mode of an output's files. psql, ssh and their like refuse a private key that others can read, and a
 * Secret's files belong to root: only fsGroup makes a key both private and readable for another user.
 * Undefined: the API server's default.
 */
export function fileMode(
  output: GrantedOutput,
  pod: PodView,
  containers: ReadonlySet<ContainerView>,
): { readonly mode: number | undefined; readonly warning: string | undefined } {
  if (output.defaultMode !== undefined) return { mode: output.defaultMode, warning: undefined };
  // Windows has no such modes.
  if (pod.os === 'windows') return { mode: undefined, warning: undefined };
  if (pod.fsGroup !== undefined) return { mode: 0o440, warning: undefined };
  if ([...containers].every(({ runAsUser }) => runAsUser === 0)) return { mode: 0o400, warning: undefined };
  const warning = output.holdsPrivateKey
    ? `output ${output.name}: its private key is readable by every user of the container (mode 0444), which psql and ssh refuse; set spec.securityContext.fsGroup`
    : undefined;
  return { mode: 0o444, warning };
}
