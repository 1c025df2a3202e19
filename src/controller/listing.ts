import type { Config } from '../config/schema.ts';
import { list, MOST_BYTES, shardOf, type Candidate } from '../credentials/shards.ts';
import { flawOf, FLAWS, type Flaw } from '../credentials/soundness.ts';
import type { ConsumerNamespace, Destination, Wanted } from '../credentials/wanted.ts';
import type { Observed } from '../credentials/actions.ts';
import { printTbotConfig } from '../teleport/tbot-config.ts';

/** What the controller has seen, namespace by namespace. */
export interface Seen {
  namespaces(): Iterable<ConsumerNamespace>;
  observed(namespace: string): Observed;
}

export interface Judged {
  readonly destination: Destination;
  /** undefined: sound. */
  readonly flaw: Flaw | undefined;
  readonly createdAt: number;
}

/** Every destination of one namespace, with what is wrong with it. */
export function judge(
  wanted: Wanted,
  { secrets, bindings }: Observed,
  grantsOf: (bot: string) => string,
): readonly Judged[] {
  return wanted.destinations.map((destination) => {
    const { bot, secretName } = destination;
    const secret = secrets.get(secretName);
    const flaw = flawOf(destination, secret, bindings.get(bot), grantsOf(bot));
    return { destination, flaw, createdAt: secret?.createdAt ?? 0 };
  });
}

export interface ShardOf {
  readonly bot: string;
  readonly shard: number;
}

export interface ShardListing {
  /** tbot.yaml. */
  readonly text: string;
  readonly services: number;
  /** Sound ones for which there is no room. */
  readonly waiting: readonly Candidate[];
  /** How many are unsound, and do not become sound by themselves. */
  readonly blocked: number;
}

export interface ListingOptions {
  readonly config: Config;
  readonly wantedOf: (namespace: ConsumerNamespace) => Wanted;
  readonly grantsOf: (bot: string) => string;
}

/** What tbot is told in one shard: the sound destinations, as many as there is room for. */
export function listShard(
  { config, wantedOf, grantsOf }: ListingOptions,
  { bot, shard }: ShardOf,
  seen: Seen,
): ShardListing {
  const settings = config.bots[bot];
  if (settings === undefined) throw new Error(`there is no bot ${bot}`);
  const candidates: Candidate[] = [];
  let blocked = 0;
  for (const namespace of seen.namespaces()) {
    if (shardOf(namespace.name, settings.shards) !== shard) continue;
    const wanted = wantedOf(namespace);
    if (!wanted.destinations.some((each) => each.bot === bot)) continue;
    for (const { destination, flaw, createdAt } of judge(wanted, seen.observed(namespace.name), grantsOf)) {
      if (destination.bot !== bot) continue;
      if (flaw !== undefined) {
        if (!FLAWS[flaw].passes) blocked++;
        continue;
      }
      const fields = settings.outputs[destination.output]?.tbot ?? {};
      candidates.push({ ...destination, fields, createdAt });
    }
  }
  const tbot = { proxyServer: config.teleport.proxyServer, join: settings.join, fields: settings.tbot };
  const print = (services: readonly Candidate[]): string => printTbotConfig(tbot, services);
  const all = list(candidates);
  const whole = print(all.listed);
  if (Buffer.byteLength(whole) <= MOST_BYTES) {
    return { text: whole, services: all.listed.length, waiting: all.waiting, blocked };
  }
  // Each is measured on its own, so that one more at the end takes nobody's place.
  const empty = Buffer.byteLength(print([]));
  const sizeOf = (candidate: Candidate): number => Buffer.byteLength(print([candidate])) - empty;
  const { listed, waiting } = list(candidates, { bytes: MOST_BYTES - empty, sizeOf });
  return { text: print(listed), services: listed.length, waiting, blocked };
}
