import type { Config } from '../../config/schema.ts';
import { assignServices, MAX_CONFIG_BYTES, shardOf, type ShardCandidate } from '../../credentials/shards.ts';
import { validateDestination, INVALID_REASONS, type InvalidReason } from '../../credentials/validation.ts';
import type { ConsumerNamespace, Destination, DesiredState } from '../../credentials/desired-state.ts';
import type { ObservedObjects } from '../../credentials/actions.ts';
import { printTbotConfig } from '../../teleport/tbot-config.ts';

/** What the controller has seen, namespace by namespace. */
export interface CacheView {
  namespaces(): Iterable<ConsumerNamespace>;
  observed(namespace: string): ObservedObjects;
}

export interface ValidatedDestination {
  readonly destination: Destination;
  /** undefined: sound. */
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

export interface ShardOf {
  readonly bot: string;
  readonly shard: number;
}

export interface ShardConfig {
  /** tbot.yaml. */
  readonly text: string;
  readonly services: number;
  /** Sound ones for which there is no room. */
  readonly waiting: readonly ShardCandidate[];
  /** How many are unsound, and do not become sound by themselves. */
  readonly blocked: number;
}

export interface ShardConfigOptions {
  readonly config: Config;
  readonly desiredStateOf: (namespace: ConsumerNamespace) => DesiredState;
  readonly expectedBinding: (bot: string) => string;
}

/** What tbot is told in one shard: the sound destinations, as many as there is room for. */
export function buildShardConfig(
  { config, desiredStateOf, expectedBinding }: ShardConfigOptions,
  { bot, shard }: ShardOf,
  seen: CacheView,
): ShardConfig {
  const settings = config.bots[bot];
  if (settings === undefined) throw new Error(`there is no bot ${bot}`);
  const candidates: ShardCandidate[] = [];
  let blocked = 0;
  for (const namespace of seen.namespaces()) {
    if (shardOf(namespace.name, settings.shards) !== shard) continue;
    const desired = desiredStateOf(namespace);
    if (!desired.destinations.some((each) => each.bot === bot)) continue;
    for (const { destination, invalidReason, createdAt } of validateDestinations(
      desired,
      seen.observed(namespace.name),
      expectedBinding,
    )) {
      if (destination.bot !== bot) continue;
      if (invalidReason !== undefined) {
        if (!INVALID_REASONS[invalidReason].isTransient) blocked++;
        continue;
      }
      const fields = settings.outputs[destination.output]?.tbot ?? {};
      candidates.push({ ...destination, fields, createdAt });
    }
  }
  const tbot = { proxyServer: config.teleport.proxyServer, join: settings.join, fields: settings.tbot };
  const print = (services: readonly ShardCandidate[]): string => printTbotConfig(tbot, services);
  const all = assignServices(candidates);
  const whole = print(all.assigned);
  if (Buffer.byteLength(whole) <= MAX_CONFIG_BYTES) {
    return { text: whole, services: all.assigned.length, waiting: all.waiting, blocked };
  }
  // Each is measured on its own, so that one more at the end takes nobody's place.
  const empty = Buffer.byteLength(print([]));
  const sizeOf = (candidate: ShardCandidate): number => Buffer.byteLength(print([candidate])) - empty;
  const { assigned: listed, waiting } = assignServices(candidates, {
    bytes: MAX_CONFIG_BYTES - empty,
    sizeOf,
  });
  return { text: print(listed), services: listed.length, waiting, blocked };
}
