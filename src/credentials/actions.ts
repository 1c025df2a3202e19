import type { ObservedMetadata, ObservedBinding, ObservedSecret } from './observed.ts';
import { validateBinding, validateSecret, type InvalidReason } from './validation.ts';
import type { Destination, DesiredState } from './desired-state.ts';

/** What is done in one namespace; each can be done again without harm. */
export type Action =
  /** Creates it, or puts labels and annotations right; data are never part of it. */
  | { readonly kind: 'apply-secret'; readonly destination: Destination }
  | { readonly kind: 'apply-binding'; readonly bot: string }
  /** Begins the grace period. */
  | { readonly kind: 'mark-orphaned'; readonly of: 'secret' | 'binding'; readonly object: ObservedMetadata }
  | {
      readonly kind: 'delete';
      readonly of: 'secret' | 'binding';
      readonly object: ObservedMetadata;
      readonly reason: DeletionReason;
    };

/**
 * `revoked`: the namespace is opted in, and the grant is gone. `replaced`: it is of another bot, or binds something else,
 * which cannot be changed.
 */
export type DeletionReason = 'revoked' | 'grace-expired' | 'replaced';

/** What was seen in one namespace, of declared names. */
export interface ObservedObjects {
  readonly secrets: ReadonlyMap<string, ObservedSecret>;
  /** By bot. */
  readonly bindings: ReadonlyMap<string, ObservedBinding>;
}

export interface ActionSettings {
  /** How long Secrets and RoleBindings outlive a lost label, so that a mislabel is harmless. */
  readonly graceMs: number;
  /** What a bot's RoleBinding is to grant, as `printGrants` has it. */
  readonly expectedBinding: (bot: string) => string;
}

/**
 * What is to be done in one namespace, now (milliseconds since the epoch). After it has been done: nothing, but for what
 * was replaced, which is then made anew.
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
    // Rights first: tbot is told of a Secret as soon as both are there.
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
  // In it is what that bot may do, and nobody relabels that.
  return [{ kind: 'delete', of: 'secret', object: secret, reason: 'replaced' }];
}

/** Ours to label, whatever else is wrong with it: a release that was forgotten would leave no grace the next time. */
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
  // The role of a RoleBinding cannot be changed, and whoever changed it did not mean well.
  return [{ kind: 'delete', of: 'binding', object: binding, reason: 'replaced' }];
}

type OrphanedObject =
  | { readonly of: 'secret'; readonly object: ObservedSecret }
  | { readonly of: 'binding'; readonly object: ObservedBinding; readonly ownedBy: string };

/** What is ours, and is wanted no longer. */
function findOrphans(
  { destinations }: DesiredState,
  { secrets, bindings }: ObservedObjects,
): readonly OrphanedObject[] {
  const names = new Set(destinations.map(({ secretName }) => secretName));
  const bots = new Set(destinations.map(({ bot }) => bot));
  return [
    ...[...bindings].flatMap(([bot, object]): OrphanedObject[] =>
      bots.has(bot) || object.bot !== bot ? [] : [{ of: 'binding', object, ownedBy: bot }],
    ),
    ...[...secrets].flatMap(([name, object]): OrphanedObject[] =>
      names.has(name) || object.bot === undefined || !object.isMadeByUs ? [] : [{ of: 'secret', object }],
    ),
  ].filter(({ object }) => !object.isDeleting);
}

function cleanUpOrphan(
  { optedIn }: DesiredState,
  left: OrphanedObject,
  now: number,
  { graceMs, expectedBinding }: ActionSettings,
): readonly Action[] {
  const { of, object } = left;
  if (optedIn === 'yes') return [{ kind: 'delete', of, object, reason: 'revoked' }];
  // It could not be marked either, and gives nobody the rights that it is kept for.
  if (left.of === 'binding' && left.object.content !== expectedBinding(left.ownedBy)) {
    return [{ kind: 'delete', of, object, reason: 'replaced' }];
  }
  const { orphanedAt } = object;
  // A time far ahead is from a clock that was wrong, or from somebody else.
  if (orphanedAt === undefined || orphanedAt - now > graceMs) return [{ kind: 'mark-orphaned', of, object }];
  return now - orphanedAt >= graceMs ? [{ kind: 'delete', of, object, reason: 'grace-expired' }] : [];
}

/** When the next grace period of a namespace ends, in milliseconds since the epoch; undefined where none runs. */
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
