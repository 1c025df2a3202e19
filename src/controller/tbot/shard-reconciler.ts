import { validateDestinations, type ValidatedDestination } from '../../credentials/validation.ts';
import { TBOT_RESTART_SETTINGS, type TbotRestartSettings } from '../../credentials/tbot-restart.ts';
import { MAX_CONFIG_BYTES, MAX_SERVICES, shardOf } from '../../credentials/shards.ts';
import { API_BACKOFF } from '../../kubernetes/backoff.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { ClusterCache } from '../caches/cluster-cache.ts';
import type { ReleaseNames } from '../names.ts';
import type { EventRecorder } from '../runtime/event-recorder.ts';
import type { Reconciler } from '../runtime/reconciler.ts';
import {
  buildShardConfig,
  ShardConfigChanges,
  shardKey,
  shardsOf,
  type ShardConfig,
  type ShardConfigOptions,
  type ShardRef,
} from './shard-config.ts';
import { TbotPublisher } from './tbot-publisher.ts';
import { createTbotStore } from './tbot-store.ts';

/** Changes come in bursts. */
const DEBOUNCE_MS = 1_000;

/** No informer tells of a ConfigMap or Deployment that another writer has changed. */
const CHECK_EVERY_MS = 30_000;

/** Of credentials without room, those that get an Event. */
const MAX_EVENTS = 100;

export interface ShardReconcilerOptions extends ShardConfigOptions {
  readonly client: KubernetesClient;
  readonly namespace: string;
  readonly names: ReleaseNames;
  readonly cluster: ClusterCache;
  readonly events: EventRecorder;
  readonly tbotRestarts?: TbotRestartSettings | undefined;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Brings the tbot.yaml of each shard to its tbot. */
export function createShardReconciler(options: ShardReconcilerOptions): Reconciler {
  const { cluster, config } = options;
  const shards = new Map(shardsOf(config).map((of) => [shardKey(of), openShard(options, of)]));
  const changes = new ShardConfigChanges();
  /** Shards whose tbot.yaml may be another since the last call for this namespace. */
  const changedIn = (namespace: string): readonly string[] =>
    changes
      .follow(namespace, validatedIn(options, namespace))
      .map((bot) => shardKey({ bot, shard: shardOf(namespace, config.bots[bot]?.shards ?? 1) }));
  return {
    name: 'shards',
    concurrency: 8,
    backoff: API_BACKOFF,
    whenSynced: () => cluster.whenSynced(),
    start: (queue) => {
      for (const { name } of cluster.namespaces()) changedIn(name);
      cluster.onChange((namespace) => {
        for (const key of changedIn(namespace)) queue.addAfter(key, DEBOUNCE_MS);
      });
      for (const key of shards.keys()) queue.add(key);
    },
    stop: async () => {
      await Promise.all([...shards.values()].map((shard) => shard.stop()));
    },
    reconcile: async (key) => {
      const shard = shards.get(key);
      // A partial view would take away from tbot what it does not see.
      if (shard === undefined || !cluster.hasSynced(shard.bot)) return { requeueAfterMs: CHECK_EVERY_MS };
      const dueAfterMs = await shard.publish();
      return { requeueAfterMs: Math.min(dueAfterMs ?? CHECK_EVERY_MS, CHECK_EVERY_MS) };
    },
  };
}

function validatedIn(
  { cluster, desiredStateOf, expectedBinding }: ShardReconcilerOptions,
  name: string,
): readonly ValidatedDestination[] {
  const namespace = cluster.namespace(name);
  if (namespace === undefined) return [];
  return validateDestinations(desiredStateOf(namespace), cluster.observed(name), expectedBinding);
}

interface Shard {
  readonly bot: string;
  /** Resolves to the milliseconds after which something is due, undefined where nothing is. */
  publish(): Promise<number | undefined>;
  /** Resolves when no Event is under way; the leadership ends them. */
  stop(): Promise<void>;
}

function openShard(options: ShardReconcilerOptions, of: ShardRef): Shard {
  const { client, namespace, names, cluster, log, metrics, tbotRestarts = TBOT_RESTART_SETTINGS } = options;
  const { bot, shard } = of;
  /** Not awaited: a hundred Events that are not answered take minutes, and tbot.yaml does not wait for them. */
  let recording: Promise<void> | undefined;
  const publisher = new TbotPublisher({
    store: createTbotStore({ client, namespace, name: names.shard(bot, shard), bot }),
    render: () => {
      const built = buildShardConfig(options, of, cluster);
      metrics.credentials.set({ bot, shard, state: 'configured' }, built.services);
      metrics.credentials.set({ bot, shard, state: 'waiting' }, built.waiting.length);
      metrics.credentials.set({ bot, shard, state: 'blocked' }, built.blocked);
      recording ??= recordWaiting(options, of, built).finally(() => {
        recording = undefined;
      });
      return built;
    },
    now: () => client.contact.serverTime,
    onRestart: () => {
      metrics.tbotRestarts.inc({ bot, shard });
      log.info('tbot restarted', { bot, shard });
    },
    settings: tbotRestarts,
  });
  return {
    bot,
    publish: () => publisher.publish(),
    stop: async () => recording,
  };
}

/** One Event after the other, and not of a whole cluster: the metric counts them all. */
async function recordWaiting(
  { events, config, cluster }: ShardReconcilerOptions,
  { bot }: ShardRef,
  { services, waiting }: ShardConfig,
): Promise<void> {
  const shards = config.bots[bot]?.shards ?? 1;
  const limit =
    services < MAX_SERVICES ? `${MAX_CONFIG_BYTES} bytes of tbot.yaml` : `${MAX_SERVICES} credentials`;
  for (const { namespace, secretName, output } of waiting.slice(0, MAX_EVENTS)) {
    const { uid } = cluster.observed(namespace).secrets.get(secretName) ?? {};
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
