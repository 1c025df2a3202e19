import type { Config } from '../config/schema.ts';
import { RESTART_SETTINGS, type RestartSettings } from '../credentials/restart.ts';
import { MOST_SERVICES } from '../credentials/shards.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import type { Leadership } from '../kubernetes/elector.ts';
import { Bell } from './bell.ts';
import type { EventRecorder } from './events.ts';
import { keepDoing, pause, type Persistence } from './keep-doing.ts';
import { listShard, type ListingOptions, type Seen, type ShardOf } from './listing.ts';
import type { ReleaseNames } from './names.ts';
import { TbotPublisher } from './tbot-publisher.ts';
import { createTbotStore } from './tbot-store.ts';

/** Changes come in flocks. */
const GATHER_MS = 1_000;

/** What nobody tells us of: a ConfigMap or Deployment that somebody else has changed. */
const LOOK_EVERY_MS = 30_000;

export interface Shard extends ShardOf {
  /** Rung by whatever may change its tbot.yaml. */
  readonly bell: Bell;
}

export function shardsOf({ bots }: Config): readonly Shard[] {
  return Object.entries(bots).flatMap(([bot, { shards }]) =>
    Array.from({ length: shards }, (_, shard) => ({ bot, shard, bell: new Bell() })),
  );
}

export interface ShardKeeping {
  readonly client: KubernetesClient;
  readonly namespace: string;
  readonly names: ReleaseNames;
  readonly shard: Shard;
  readonly listing: ListingOptions;
  readonly state: Seen;
  readonly events: EventRecorder;
  readonly persistence: Persistence;
  readonly restarts?: RestartSettings;
  readonly observer: ShardObserver;
}

export interface ShardObserver {
  tbotRestarted(of: ShardOf): void;
  listed(of: ShardOf, counts: { readonly services: number; readonly waiting: number }): void;
}

/** Brings tbot.yaml of one shard to its tbot, until the leadership ends. */
export async function keepShard(keeping: ShardKeeping, leadership: Leadership): Promise<void> {
  const { client, namespace, names, observer, shard, persistence, restarts = RESTART_SETTINGS } = keeping;
  const { signal } = leadership;
  const { bot } = shard;
  const publisher = new TbotPublisher({
    store: createTbotStore({ client, namespace, name: names.shard(bot, shard.shard), bot }),
    render: () => {
      const listed = listShard(keeping.listing, shard, keeping.state);
      observer.listed(shard, { services: listed.services, waiting: listed.waiting.length });
      tellOfWaiting(keeping, listed.waiting);
      return listed;
    },
    now: () => client.contact.serverTime,
    mayWrite: () => leadership.holds(),
    onRestart: () => {
      observer.tbotRestarted(shard);
    },
    settings: restarts,
  });
  await keepDoing(async () => {
    const wait = await publisher.publish();
    await shard.bell.wait(Math.min(wait ?? LOOK_EVERY_MS, LOOK_EVERY_MS), signal);
    await pause(GATHER_MS, signal);
  }, persistence);
}

function tellOfWaiting(
  { shard, events, listing }: ShardKeeping,
  waiting: ReturnType<typeof listShard>['waiting'],
): void {
  const shards = listing.config.bots[shard.bot]?.shards ?? 1;
  for (const { namespace, secretName, output } of waiting) {
    void events.record({
      type: 'Warning',
      reason: 'CredentialWaiting',
      note:
        `output ${output} of bot ${shard.bot} is not renewed in ${namespace}: its shard keeps ${MOST_SERVICES} ` +
        `credentials at most. Fix: set bots.${shard.bot}.shards to ${shards + 1} or more`,
      regarding: { apiVersion: 'v1', kind: 'Secret', namespace, name: secretName },
    });
  }
}
