import type { Config } from '../../config/schema.ts';
import { TBOT_RESTART_SETTINGS, type TbotRestartSettings } from '../../credentials/tbot-restart.ts';
import { MAX_CONFIG_BYTES, MAX_SERVICES } from '../../credentials/shards.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { Leadership } from '../../kubernetes/elector.ts';
import { Bell } from '../runtime/bell.ts';
import type { EventRecorder } from '../runtime/event-recorder.ts';
import { keepDoing, pause, type Persistence } from '../runtime/keep-doing.ts';
import {
  buildShardConfig,
  type ShardConfigOptions,
  type CacheView,
  type ShardConfig,
  type ShardOf,
} from './shard-config.ts';
import type { ReleaseNames } from '../names.ts';
import { TbotPublisher } from './tbot-publisher.ts';
import { createTbotStore } from './tbot-store.ts';

/** Changes come in flocks. */
const GATHER_MS = 1_000;

/** What nobody tells us of: a ConfigMap or Deployment that somebody else has changed. */
const LOOK_EVERY_MS = 30_000;

/** Of credentials without room, those that get an Event. */
const MOST_TOLD = 100;

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
  /** Whether everything of this bot was seen: a partial view would take away from tbot what it does not see. */
  readonly isSeen: () => boolean;
  readonly listing: ShardConfigOptions;
  readonly state: CacheView;
  readonly events: EventRecorder;
  readonly persistence: Persistence;
  readonly restarts?: TbotRestartSettings;
  readonly observer: ShardObserver;
}

export interface ShardObserver {
  tbotRestarted(of: ShardOf): void;
  listed(of: ShardOf, counts: Readonly<Record<'listed' | 'waiting' | 'blocked', number>>): void;
}

/** Brings tbot.yaml of one shard to its tbot, until the leadership ends. */
export async function keepShard(keeping: ShardKeeping, leadership: Leadership): Promise<void> {
  const {
    client,
    namespace,
    names,
    observer,
    shard,
    persistence,
    restarts = TBOT_RESTART_SETTINGS,
  } = keeping;
  const { signal } = leadership;
  const { bot } = shard;
  const publisher = new TbotPublisher({
    store: createTbotStore({ client, namespace, name: names.shard(bot, shard.shard), bot }),
    render: () => {
      const listed = buildShardConfig(keeping.listing, shard, keeping.state);
      const { services, waiting, blocked } = listed;
      observer.listed(shard, { listed: services, waiting: waiting.length, blocked });
      void tellOfWaiting(keeping, listed);
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
    const wait = keeping.isSeen() ? await publisher.publish() : undefined;
    await shard.bell.wait(Math.min(wait ?? LOOK_EVERY_MS, LOOK_EVERY_MS), signal);
    await pause(GATHER_MS, signal);
  }, persistence);
}

/** One Event after the other, and not of a whole cluster: the metric counts them all. */
async function tellOfWaiting(
  { shard, events, listing, state }: ShardKeeping,
  listed: ShardConfig,
): Promise<void> {
  const { bot } = shard;
  const shards = listing.config.bots[bot]?.shards ?? 1;
  const limit =
    listed.services < MAX_SERVICES ? `${MAX_CONFIG_BYTES} bytes of tbot.yaml` : `${MAX_SERVICES} credentials`;
  for (const { namespace, secretName, output } of listed.waiting.slice(0, MOST_TOLD)) {
    const { uid } = state.observed(namespace).secrets.get(secretName) ?? {};
    await events.record({
      type: 'Warning',
      reason: 'CredentialWaiting',
      note:
        `output ${output} of bot ${bot} is not renewed in ${namespace}: its shard keeps ${limit} at most. ` +
        `Fix: set bots.${bot}.shards to ${shards + 1} or more`,
      regarding: { apiVersion: 'v1', kind: 'Secret', namespace, name: secretName, uid },
    });
  }
}
