import type { ObservedBinding, ObservedMetadata, ObservedObjects, ObservedSecret } from './observed.ts';
import { validateBinding, validateSecret, type InvalidReason } from './validation.ts';
import type { Destination, DesiredState } from './desired-state.ts';

/** One change in a namespace. Every action is idempotent. */
export type Action =
  /** Creates the Secret, or corrects its labels and annotations. It never writes data. */
  | { readonly kind: 'apply-secret'; readonly destination: Destination }
  | { readonly kind: 'apply-binding'; readonly bot: string }
  /** Starts the grace period. */
  | { readonly kind: 'mark-orphaned'; readonly of: 'secret' | 'binding'; readonly object: ObservedMetadata }
  | {
      readonly kind: 'delete';
      readonly of: 'secret' | 'binding';
      readonly object: ObservedMetadata;
      readonly reason: DeletionReason;
    };

/**
 * `revoked`: the namespace is opted in, and its grant is gone. `replaced`: the object is of another bot or binds something
 * else, which an update cannot change.
 */
export type DeletionReason = 'revoked' | 'grace-expired' | 'replaced';

export interface ActionSettings {
  /** How long Secrets and RoleBindings stay after the namespace lost its label, so that a wrong label does no harm. */
  readonly graceMs: number;
  /** What the RoleBinding of a bot must bind, as {@link ObservedBinding.content}. */
  readonly expectedBinding: (bot: string) => string;
}

/**
 * The actions that bring one namespace to its desired state. Once they are done, the next plan is empty, except that
 * objects deleted as `replaced` are then created again.
 * @param now milliseconds since the epoch
 */
export function planActions(
  desired: DesiredState,
  observed: ObservedObjects,
  now: number,
  settings: ActionSettings,
): readonly Action[] {
  if (desired.optedIn === 'terminating') return [];
  const bots = [...new Set(desired.destinations.map(({ bot }) => bot))];
  return [
    // Rights first: a Secret goes into tbot.yaml as soon as both are there.
    ...bots.flatMap((bot) => bindingActions(bot, observed.bindings.get(bot), settings)),
    ...desired.destinations.flatMap((destination) =>
      secretActions(destination, observed.secrets.get(destination.secretName)),
    ),
    ...findOrphans(desired, observed).flatMap((each) => cleanUpOrphan(desired, each, now, settings)),
  ];
}

function secretActions(destination: Destination, secret: ObservedSecret | undefined): readonly Action[] {
  const invalidReason = validateSecret(destination, secret);
  const isLabelled = secret?.output === destination.output && secret.orphanedAt === undefined;
  if (invalidReason === 'secret-missing' || (mayRelabel(invalidReason) && !isLabelled)) {
    return [{ kind: 'apply-secret', destination }];
  }
  if (invalidReason !== 'secret-of-other-bot' || secret === undefined) return [];
  // It holds a credential of the other bot: a new label would give this to the wrong consumers.
  return [{ kind: 'delete', of: 'secret', object: secret, reason: 'replaced' }];
}

/**
 * Whether the Secret is ours to label, whatever else is wrong with it. If an old orphaned-at stayed on it, the next lost
 * label would find no grace period.
 */
function mayRelabel(invalidReason: InvalidReason | undefined): boolean {
  return (
    invalidReason === undefined ||
    invalidReason === 'secret-immutable' ||
    invalidReason === 'secret-foreign-data'
  );
}

function bindingActions(
  bot: string,
  binding: ObservedBinding | undefined,
  { expectedBinding }: ActionSettings,
): readonly Action[] {
  if (binding?.isDeleting === true) return [];
  const invalidReason = validateBinding({ bot }, binding, expectedBinding(bot));
  if (
    invalidReason === 'binding-missing' ||
    (invalidReason === undefined && binding?.orphanedAt !== undefined)
  ) {
    return [{ kind: 'apply-binding', bot }];
  }
  if (invalidReason !== 'binding-differs' || binding === undefined) return [];
  // The roleRef of a RoleBinding is immutable, and another writer's change to it is not trusted.
  return [{ kind: 'delete', of: 'binding', object: binding, reason: 'replaced' }];
}

type Orphan =
  | { readonly of: 'secret'; readonly object: ObservedSecret }
  | { readonly of: 'binding'; readonly object: ObservedBinding; readonly bot: string };

/** Objects of ours that the desired state does not have. */
function findOrphans(
  { destinations }: DesiredState,
  { secrets, bindings }: ObservedObjects,
): readonly Orphan[] {
  const names = new Set(destinations.map(({ secretName }) => secretName));
  const bots = new Set(destinations.map(({ bot }) => bot));
  return [
    ...[...bindings].flatMap(([bot, object]): Orphan[] =>
      bots.has(bot) || object.bot !== bot ? [] : [{ of: 'binding', object, bot }],
    ),
    ...[...secrets].flatMap(([name, object]): Orphan[] =>
      names.has(name) || object.bot === undefined || !object.isMadeByUs ? [] : [{ of: 'secret', object }],
    ),
  ].filter(({ object }) => !object.isDeleting);
}

function cleanUpOrphan(
  { optedIn }: DesiredState,
  orphan: Orphan,
  now: number,
  { graceMs, expectedBinding }: ActionSettings,
): readonly Action[] {
  const { of, object } = orphan;
  if (optedIn === 'yes') return [{ kind: 'delete', of, object, reason: 'revoked' }];
  // Marking it is not possible either, and it does not give the rights that it is kept for.
  if (orphan.of === 'binding' && orphan.object.content !== expectedBinding(orphan.bot)) {
    return [{ kind: 'delete', of, object, reason: 'replaced' }];
  }
  const { orphanedAt } = object;
  // A time far in the future comes from a wrong clock or from another writer.
  if (orphanedAt === undefined || orphanedAt - now > graceMs) return [{ kind: 'mark-orphaned', of, object }];
  return now - orphanedAt >= graceMs ? [{ kind: 'delete', of, object, reason: 'grace-expired' }] : [];
}

/** When the next grace period of a namespace ends, in milliseconds since the epoch; undefined: none runs. */
export function nextDeadline(
  desired: DesiredState,
  observed: ObservedObjects,
  graceMs: number,
): number | undefined {
  if (desired.optedIn !== 'no') return undefined;
  const ends = findOrphans(desired, observed).flatMap(({ object: { orphanedAt } }) =>
    orphanedAt === undefined ? [] : [orphanedAt + graceMs],
  );
  return ends.length === 0 ? undefined : Math.min(...ends);
}
