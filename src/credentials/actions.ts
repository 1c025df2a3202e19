import type { Metadata, ObservedBinding, ObservedSecret } from './observed.ts';
import { flawOfBinding, flawOfSecret } from './soundness.ts';
import type { Destination, Wanted } from './wanted.ts';

/** What is done in one namespace; each can be done again without harm. */
export type Action =
  /** Creates it, or puts labels and annotations right; data are never part of it. */
  | { readonly kind: 'apply-secret'; readonly destination: Destination }
  | { readonly kind: 'apply-binding'; readonly bot: string }
  /** Begins the grace period. */
  | { readonly kind: 'release'; readonly of: 'secret' | 'binding'; readonly object: Metadata }
  | {
      readonly kind: 'delete';
      readonly of: 'secret' | 'binding';
      readonly object: Metadata;
      readonly why: DeletionCause;
    };

/** `revoked`: the namespace is opted in, and the grant is gone. `replaced`: what it binds cannot be changed. */
export type DeletionCause = 'revoked' | 'grace-over' | 'replaced';

/** What was seen in one namespace, of declared names. */
export interface Observed {
  readonly secrets: ReadonlyMap<string, ObservedSecret>;
  /** By bot. */
  readonly bindings: ReadonlyMap<string, ObservedBinding>;
}

export interface ActionSettings {
  /** How long Secrets and RoleBindings outlive a lost label, so that a mislabel is harmless. */
  readonly graceMs: number;
  /** What a bot's RoleBinding is to grant, as `printGrants` has it. */
  readonly grantsOf: (bot: string) => string;
}

/** What is to be done in one namespace, now (milliseconds since the epoch). After it has been done: nothing. */
export function actionsFor(
  wanted: Wanted,
  observed: Observed,
  now: number,
  settings: ActionSettings,
): readonly Action[] {
  if (wanted.optedIn === 'terminating') return [];
  const bots = [...new Set(wanted.destinations.map(({ bot }) => bot))];
  return [
    // Rights first: tbot is told of a Secret as soon as both are there.
    ...bots.flatMap((bot) => bindingActions(bot, observed.bindings.get(bot), settings)),
    ...wanted.destinations.flatMap((destination) =>
      secretActions(destination, observed.secrets.get(destination.secretName)),
    ),
    ...leftOver(wanted, observed, bots).flatMap(({ of, object }) =>
      farewell(wanted, of, object, now, settings.graceMs),
    ),
  ];
}

function secretActions(destination: Destination, secret: ObservedSecret | undefined): readonly Action[] {
  const flaw = flawOfSecret(destination, secret);
  const isLabelled = secret?.output === destination.output && secret.releasedAt === undefined;
  if (flaw === 'secret-missing' || (flaw === undefined && !isLabelled)) {
    return [{ kind: 'apply-secret', destination }];
  }
  return [];
}

function bindingActions(
  bot: string,
  binding: ObservedBinding | undefined,
  { grantsOf }: ActionSettings,
): readonly Action[] {
  if (binding?.isDeleting === true) return [];
  const flaw = flawOfBinding({ bot }, binding, grantsOf(bot));
  if (flaw === 'binding-missing' || (flaw === undefined && binding?.releasedAt !== undefined)) {
    return [{ kind: 'apply-binding', bot }];
  }
  if (flaw !== 'binding-differs' || binding === undefined) return [];
  // The role of a RoleBinding cannot be changed, and whoever changed it did not mean well.
  return [{ kind: 'delete', of: 'binding', object: binding, why: 'replaced' }];
}

interface LeftOver {
  readonly of: 'secret' | 'binding';
  readonly object: Metadata;
}

/** What is ours, and is wanted no longer. */
function leftOver(wanted: Wanted, observed: Observed, bots: readonly string[]): readonly LeftOver[] {
  const owners = new Map(wanted.destinations.map(({ secretName, bot }) => [secretName, bot]));
  const isOurs = ({ object }: LeftOver): boolean =>
    object.bot !== undefined &&
    !object.isDeleting &&
    (!('isMadeByUs' in object) || object.isMadeByUs === true);
  return [
    ...[...observed.bindings].flatMap(([bot, object]) =>
      bots.includes(bot) ? [] : [{ of: 'binding' as const, object }],
    ),
    ...[...observed.secrets].flatMap(([name, object]) =>
      owners.has(name) ? [] : [{ of: 'secret' as const, object }],
    ),
  ].filter(isOurs);
}

function farewell(
  { optedIn }: Wanted,
  of: LeftOver['of'],
  object: Metadata,
  now: number,
  graceMs: number,
): readonly Action[] {
  if (optedIn === 'yes') return [{ kind: 'delete', of, object, why: 'revoked' }];
  if (object.releasedAt === undefined) return [{ kind: 'release', of, object }];
  return now - object.releasedAt >= graceMs ? [{ kind: 'delete', of, object, why: 'grace-over' }] : [];
}

/** When the next grace period of a namespace ends, in milliseconds since the epoch; undefined where none runs. */
export function nextDeadline(observed: Observed, graceMs: number): number | undefined {
  const ends = [...observed.secrets.values(), ...observed.bindings.values()].flatMap(({ releasedAt, bot }) =>
    releasedAt === undefined || bot === undefined ? [] : [releasedAt + graceMs],
  );
  return ends.length === 0 ? undefined : Math.min(...ends);
}
