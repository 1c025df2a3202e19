import type { BotConfig, Config } from '../../config/schema.ts';
import type { ConsumerNamespace, DesiredState } from '../../credentials/desired-state.ts';
import type { ObservedObjects } from '../../credentials/observed.ts';
import { assignServices, MAX_CONFIG_BYTES, shardOf, type ShardCandidate } from '../../credentials/shards.ts';
import {
  INVALID_REASONS,
  validateDestinations,
  type ValidatedDestination,
} from '../../credentials/validation.ts';
import { printTbotConfig } from '../../teleport/tbot-config.ts';

/** What the controller has seen, namespace by namespace. */
export interface CacheView {
  namespaces(): Iterable<ConsumerNamespace>;
  observed(namespace: string): ObservedObjects;
}

export interface ShardRef {
  readonly bot: string;
  readonly shard: number;
}

export interface ShardConfig {
  /** tbot.yaml. */
  readonly text: string;
  readonly services: number;
  /** Valid destinations for which there is no room. */
  readonly waiting: readonly ShardCandidate[];
  /** How many destinations are invalid and do not mend themselves. */
  readonly blocked: number;
}

export interface ShardConfigOptions {
  readonly config: Config;
  readonly desiredStateOf: (namespace: ConsumerNamespace) => DesiredState;
  readonly expectedBinding: (bot: string) => string;
}

/** tbot.yaml of one shard: its valid destinations, as many as there is room for. */
export function buildShardConfig(options: ShardConfigOptions, of: ShardRef, cache: CacheView): ShardConfig {
  const { config } = options;
  const settings = config.bots[of.bot];
  if (settings === undefined) throw new Error(`there is no bot ${of.bot}`);
  const { candidates, blocked } = findCandidates(options, settings, of, cache);
  const tbot = { proxyServer: config.teleport.proxyServer, join: settings.join, fields: settings.tbot };
  const print = (services: readonly ShardCandidate[]): string => printTbotConfig(tbot, services);
  const all = assignServices(candidates);
  const whole = print(all.assigned);
  if (Buffer.byteLength(whole) <= MAX_CONFIG_BYTES) {
    return { text: whole, services: all.assigned.length, waiting: all.waiting, blocked };
  }
  // Each is measured on its own, so that one more at the end takes no place of another.
  const empty = Buffer.byteLength(print([]));
  const sizeOf = (candidate: ShardCandidate): number => Buffer.byteLength(print([candidate])) - empty;
  const room = { bytes: MAX_CONFIG_BYTES - empty, sizeOf };
  const { assigned, waiting } = assignServices(candidates, room);
  return { text: print(assigned), services: assigned.length, waiting, blocked };
}

function findCandidates(
  { desiredStateOf, expectedBinding }: ShardConfigOptions,
  { shards, outputs }: BotConfig,
  { bot, shard }: ShardRef,
  cache: CacheView,
): { readonly candidates: readonly ShardCandidate[]; readonly blocked: number } {
  const candidates: ShardCandidate[] = [];
  let blocked = 0;
  for (const namespace of cache.namespaces()) {
    if (shardOf(namespace.name, shards) !== shard) continue;
    const desired = desiredStateOf(namespace);
    if (!desired.destinations.some((each) => each.bot === bot)) continue;
    const observed = cache.observed(namespace.name);
    for (const { destination, invalidReason, createdAt } of validateDestinations(
      desired,
      observed,
      expectedBinding,
    )) {
      if (destination.bot !== bot) continue;
      if (invalidReason === undefined) {
        const fields = outputs[destination.output]?.tbot ?? {};
        candidates.push({ ...destination, fields, createdAt });
      } else if (!INVALID_REASONS[invalidReason].isTransient) blocked++;
    }
  }
  return { candidates, blocked };
}

/** Which bots have to look at their tbot.yaml again: a renewal, which comes every 20 minutes for each Secret, changes none. */
export class ShardConfigChanges {
  readonly #before = new Map<string, ReadonlyMap<string, string>>();

  /** Bots of whose tbot.yaml the part of this namespace may be another than at the last call. */
  follow(namespace: string, judged: readonly ValidatedDestination[]): readonly string[] {
    const now = new Map<string, string>();
    for (const { destination, invalidReason, createdAt } of judged) {
      const { bot, output, secretName } = destination;
      const line = `${output} ${secretName} ${invalidReason ?? ''} ${createdAt}\n`;
      now.set(bot, (now.get(bot) ?? '') + line);
    }
    const before = this.#before.get(namespace) ?? new Map<string, string>();
    if (now.size === 0) this.#before.delete(namespace);
    else this.#before.set(namespace, now);
    const bots = new Set([...before.keys(), ...now.keys()]);
    return [...bots].filter((bot) => before.get(bot) !== now.get(bot));
  }
}
