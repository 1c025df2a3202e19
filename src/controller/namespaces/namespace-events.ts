import type { Action } from '../../credentials/actions.ts';
import type { Destination } from '../../credentials/desired-state.ts';
import type { ObservedSecret } from '../../credentials/observed.ts';
import { INVALID_REASONS, type InvalidReason } from '../../credentials/validation.ts';
import type { KubernetesEvent } from '../runtime/event-recorder.ts';

/** What the people of a namespace read of an action that was done; undefined: they need not hear of it. */
export function eventOnAction(action: Action, namespace: string): KubernetesEvent | undefined {
  if (action.kind !== 'delete' || action.of !== 'secret' || action.reason !== 'revoked') return undefined;
  const { name, uid, bot = '' } = action.object;
  return {
    type: 'Normal',
    reason: 'GrantRevoked',
    note:
      `bot ${bot} is granted to this namespace no longer; Secret ${name} is deleted. Certificates that were issued ` +
      `stay valid until they expire. To end them now: tctl lock --user=bot-${bot} --ttl=TTL --message="grant revoked", ` +
      "with the bot's credential_ttl as TTL, 1h by default. So long the bot gets nothing in any of its namespaces",
    regarding: { apiVersion: 'v1', kind: 'Secret', namespace, name, uid },
  };
}

/** A quota, or a policy of others, refuses what a credential needs; the log of the platform is not theirs to read. */
export function eventOnRefusal(
  destination: Destination,
  secret: ObservedSecret | undefined,
  message: string,
): KubernetesEvent {
  const { output, bot, namespace } = destination;
  return blocked(
    destination,
    secret,
    `output ${output} of bot ${bot} cannot be set up in ${namespace}, and is tried again: ${message}`,
  );
}

/** What is invalid and does not mend itself. */
export function eventOnInvalid(
  destination: Destination,
  secret: ObservedSecret | undefined,
  reason: InvalidReason,
): KubernetesEvent {
  const { output, bot, namespace } = destination;
  const what = INVALID_REASONS[reason].message(destination, secret);
  return blocked(
    destination,
    secret,
    `output ${output} of bot ${bot} is not renewed in ${namespace}: ${what}`,
  );
}

function blocked(
  { namespace, secretName }: Destination,
  secret: ObservedSecret | undefined,
  note: string,
): KubernetesEvent {
  const regarding = { apiVersion: 'v1', kind: 'Secret', namespace, name: secretName, uid: secret?.uid };
  return { type: 'Warning', reason: 'CredentialBlocked', note, regarding };
}
