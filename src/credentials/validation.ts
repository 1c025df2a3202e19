import type { DesiredState, Destination } from './desired-state.ts';
import type { ObservedBinding, ObservedObjects, ObservedSecret } from './observed.ts';

/** Why a destination must not be in tbot.yaml: tbot exits at the first that fails, and then renews none. */
export type InvalidReason =
  | 'secret-missing'
  | 'secret-not-ours'
  | 'secret-deleting'
  | 'secret-immutable'
  | 'secret-made-by-others'
  | 'secret-of-other-bot'
  | 'secret-foreign-data'
  | 'binding-missing'
  | 'binding-not-ours'
  | 'binding-differs';

interface InvalidReasonEntry {
  /** Whether the next reconcile corrects it, so that it needs no Event. */
  readonly isTransient: boolean;
  readonly message: (destination: Destination, secret: ObservedSecret | undefined) => string;
}

/** The chart's guardrails keep consumers from deleting managed Secrets. */
const deletionFix = ({ namespace, secretName }: Destination): string =>
  `Fix: kubectl --namespace ${namespace} delete secret ${secretName}, as an account that may override ` +
  'managedsecrets.tbot-injector.io; it is created again';

/** The text of each in an Event. */
export const INVALID_REASONS: Readonly<Record<InvalidReason, InvalidReasonEntry>> = {
  'secret-missing': {
    isTransient: true,
    message: ({ secretName }) => `Secret ${secretName} is not there yet`,
  },
  'secret-deleting': {
    isTransient: true,
    message: ({ secretName }) =>
      `Secret ${secretName} is being deleted; expected it gone, then it is created again`,
  },
  'secret-not-ours': {
    isTransient: false,
    message: ({ secretName, output }) =>
      `found a Secret ${secretName} that is not tbot-injector's; expected none, or one of its own. It is left alone. ` +
      `Fix: remove or rename it, or set secretName of output ${output}`,
  },
  'secret-immutable': {
    isTransient: false,
    message: (destination) =>
      `found Secret ${destination.secretName} with immutable set or unset; expected no such field, for tbot renews it. ${deletionFix(destination)}`,
  },
  'secret-made-by-others': {
    isTransient: false,
    message: (destination) =>
      `found Secret ${destination.secretName} made by another writer; expected type Opaque as the controller makes it. ${deletionFix(destination)}`,
  },
  'secret-of-other-bot': {
    isTransient: true,
    message: ({ secretName }, secret) =>
      `Secret ${secretName} belongs to bot ${secret?.bot ?? ''}; it is deleted, and created again`,
  },
  'secret-foreign-data': {
    isTransient: false,
    message: (destination, secret) =>
      `found keys of Secret ${destination.secretName} written by ${secret?.foreignManagers.join(', ') ?? ''}; expected tbot alone. ${deletionFix(destination)}`,
  },
  'binding-missing': { isTransient: true, message: () => 'the RoleBinding of the bot is not there yet' },
  'binding-differs': { isTransient: true, message: () => 'the RoleBinding of the bot is being put right' },
  'binding-not-ours': {
    isTransient: false,
    message: ({ bot }) =>
      `found a RoleBinding in the place of that of bot ${bot} that is not tbot-injector's; expected none. Fix: remove it`,
  },
};

/**
 * Whether a destination may be in tbot.yaml; undefined: it may.
 * @param expectedBinding what the bot's RoleBinding must bind, as {@link ObservedBinding.content}
 */
export function validateDestination(
  destination: Destination,
  secret: ObservedSecret | undefined,
  binding: ObservedBinding | undefined,
  expectedBinding: string,
): InvalidReason | undefined {
  return validateSecret(destination, secret) ?? validateBinding(destination, binding, expectedBinding);
}

export function validateSecret(
  { bot }: Destination,
  secret: ObservedSecret | undefined,
): InvalidReason | undefined {
  if (secret === undefined) return 'secret-missing';
  if (secret.bot === undefined) return 'secret-not-ours';
  if (secret.isDeleting) return 'secret-deleting';
  if (!secret.isMadeByUs) return 'secret-made-by-others';
  if (secret.bot !== bot) return 'secret-of-other-bot';
  if (secret.hasImmutableField) return 'secret-immutable';
  return secret.foreignManagers.length > 0 ? 'secret-foreign-data' : undefined;
}

export function validateBinding(
  { bot }: Pick<Destination, 'bot'>,
  binding: ObservedBinding | undefined,
  expectedBinding: string,
): InvalidReason | undefined {
  if (binding === undefined || binding.isDeleting) return 'binding-missing';
  if (binding.bot !== bot) return 'binding-not-ours';
  return binding.content === expectedBinding ? undefined : 'binding-differs';
}

export interface ValidatedDestination {
  readonly destination: Destination;
  /** undefined: valid. */
  readonly invalidReason: InvalidReason | undefined;
  readonly createdAt: number;
}

/** Every destination of one namespace, with what is wrong with it. */
export function validateDestinations(
  desired: DesiredState,
  { secrets, bindings }: ObservedObjects,
  expectedBinding: (bot: string) => string,
): readonly ValidatedDestination[] {
  return desired.destinations.map((destination) => {
    const { bot, secretName } = destination;
    const secret = secrets.get(secretName);
    const invalidReason = validateDestination(destination, secret, bindings.get(bot), expectedBinding(bot));
    return { destination, invalidReason, createdAt: secret?.createdAt ?? 0 };
  });
}
