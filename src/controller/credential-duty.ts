import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/schema.ts';
import { RESTART_SETTINGS, type RestartSettings } from '../credentials/restart.ts';
import { MOST_SERVICES, shardOf } from '../credentials/shards.ts';
import { createWanted } from '../credentials/wanted.ts';
import { resolveOutput } from '../grants/output.ts';
import { backoffMs } from '../kubernetes/backoff.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import type { Leadership } from '../kubernetes/elector.ts';
import { Bell } from './bell.ts';
import { ClusterState } from './cluster-state.ts';
import { createCredentialStore } from './credential-store.ts';
import type { Duty, DutyObserver } from './duty.ts';
import { createEventRecorder, type EventRecorder } from './events.ts';
import { KeyQueue } from './key-queue.ts';
import { listShard, type ListingOptions, type ShardOf } from './listing.ts';
import { passNamespace } from './namespace-pass.ts';
import { MissedPods } from './missed-pods.ts';
import type { ReleaseNames } from './names.ts';
import { StatusKeeper, type StatusOptions } from './status-keeper.ts';
import { TbotPublisher } from './tbot-publisher.ts';
import { createTbotStore } from './tbot-store.ts';
import type { WatchObserver } from './watch-observer.ts';

export interface CredentialObserver extends DutyObserver, WatchObserver {
  /** One namespace could not be served; it is tried again, and the others go on. */
  namespaceFailed(failure: {
    readonly namespace: string;
    readonly error: unknown;
    readonly delayMs: number;
  }): void;
  tbotRestarted(of: ShardOf): void;
  listed(of: ShardOf, counts: { readonly services: number; readonly waiting: number }): void;
  readonly healthCounted: StatusOptions['onCounted'];
  /** How many pods ask for credentials and were not injected. */
  missedPods(count: number): void;
  podEvicted(pod: { readonly namespace: string; readonly name: string }): void;
  eventFailed(error: unknown): void;
}

export interface CredentialDutyOptions {
  readonly client: KubernetesClient;
  readonly config: Config;
  readonly namespace: string;
  readonly names: ReleaseNames;
  readonly accountOf: (bot: string) => string;
  readonly identity: string;
  /** Whether pods that slipped through are evicted. */
  readonly evicts: boolean;
  readonly observer: CredentialObserver;
  readonly graceMs?: number;
  readonly restarts?: RestartSettings;
}

const NAME = 'credentials';
const CONCURRENCY = 8;

/** A mislabel that is put right within this time costs nobody a credential. */
const GRACE_MS = 10 * 60_000;

/** Changes come in flocks. */
const GATHER_MS = 1_000;

/** What nobody tells us of: a ConfigMap or Deployment that somebody else has changed. */
const LOOK_EVERY_MS = 30_000;

/** A pod that is created in the meantime waits for its credential, warned or not. */
const STATUS_EVERY_MS = 5_000;
const MISSED_EVERY_MS = 10_000;

/** Keeps Secrets, RoleBindings and tbot.yaml of every bot in every namespace that it is granted to. */
export function createCredentialDuty(options: CredentialDutyOptions): Duty {
  return { name: NAME, run: (leadership) => keepCredentials(options, leadership) };
}

async function keepCredentials(options: CredentialDutyOptions, leadership: Leadership): Promise<void> {
  const { client, config, identity, observer, graceMs = GRACE_MS } = options;
  const { signal } = leadership;
  const wantedOf = createWanted(config);
  const store = createCredentialStore(options);
  const events = createEventRecorder(client, identity, (error) => {
    observer.eventFailed(error);
  });
  const shards = shardsOf(config);
  const queue = new KeyQueue({
    concurrency: CONCURRENCY,
    onFailure: (namespace, error, delayMs) => {
      observer.namespaceFailed({ namespace, error, delayMs });
    },
    work: async (name) => {
      const namespace = state.namespace(name);
      if (namespace === undefined || !leadership.holds()) return;
      const wait = await passNamespace({
        namespace: name,
        wanted: wantedOf(namespace),
        observed: state.observed(name),
        store,
        events,
        now: client.contact.serverTime,
        mayWrite: () => leadership.holds(),
        graceMs,
      });
      if (wait !== undefined) queue.addAfter(name, wait);
    },
  });
  let isSynced = false;
  const changed = (namespace: string): void => {
    if (!isSynced) return;
    queue.add(namespace);
    for (const { bot, shard, bell } of shards) {
      if (shardOf(namespace, config.bots[bot]?.shards ?? 1) === shard) bell.ring();
    }
  };
  const missed = new MissedPods({
    client,
    observer,
    events,
    isOptedIn: (name) => {
      const namespace = state.namespace(name);
      return namespace !== undefined && wantedOf(namespace).optedIn === 'yes';
    },
    evicts: options.evicts,
    mayWrite: () => leadership.holds(),
    onCounted: (pods) => {
      observer.missedPods(pods);
    },
    onEvicted: (pod) => {
      observer.podEvicted(pod);
    },
  });
  const state = new ClusterState({ ...watchedNames(options), client, observer, onChange: changed });
  try {
    // A partial view would take away what it does not see yet.
    isSynced = await Promise.race([state.whenSynced(), aborted(signal).then(() => false)]);
    if (!isSynced) return;
    for (const { name } of state.namespaces()) queue.add(name);
    const listing = { config, wantedOf, grantsOf: store.grantsOf };
    const status = new StatusKeeper({
      ...options,
      name: options.names.status,
      seen: state,
      wantedOf,
      events,
      mayWrite: () => leadership.holds(),
      onCounted: (bot, counts) => {
        observer.healthCounted(bot, counts);
      },
    });
    await Promise.all([
      repeat(STATUS_EVERY_MS, () => status.look(client.contact.serverTime), options, signal),
      repeat(MISSED_EVERY_MS, () => missed.look(client.contact.serverTime), options, signal),
      ...shards.map((shard) => keepShard({ ...options, shard, listing, state, events }, leadership)),
    ]);
  } finally {
    await missed.stop();
    await state.stop();
    await queue.stop();
  }
}

interface Shard extends ShardOf {
  /** Rung by whatever may change its tbot.yaml. */
  readonly bell: Bell;
}

function shardsOf({ bots }: Config): readonly Shard[] {
  return Object.entries(bots).flatMap(([bot, { shards }]) =>
    Array.from({ length: shards }, (_, shard) => ({ bot, shard, bell: new Bell() })),
  );
}

interface ShardKeeping extends CredentialDutyOptions {
  readonly shard: Shard;
  readonly listing: ListingOptions;
  readonly state: ClusterState;
  readonly events: EventRecorder;
}

async function repeat(
  everyMs: number,
  look: () => Promise<void>,
  { client, observer }: CredentialDutyOptions,
  signal: AbortSignal,
): Promise<void> {
  for (let failures = 0; !isAborted(signal);) {
    try {
      await look();
      failures = 0;
      await pause(everyMs, signal);
    } catch (error) {
      const delayMs = Math.max(backoffMs(++failures, Math.random()), client.throttledMs());
      observer.dutyFailed({ duty: NAME, error, delayMs });
      await pause(delayMs, signal);
    }
  }
}

async function keepShard(keeping: ShardKeeping, leadership: Leadership): Promise<void> {
  const { client, namespace, names, observer, shard, restarts = RESTART_SETTINGS } = keeping;
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
  for (let failures = 0; !isAborted(signal);) {
    try {
      const wait = await publisher.publish();
      failures = 0;
      await shard.bell.wait(Math.min(wait ?? LOOK_EVERY_MS, LOOK_EVERY_MS), signal);
      await pause(GATHER_MS, signal);
    } catch (error) {
      const delayMs = Math.max(backoffMs(++failures, Math.random()), client.throttledMs());
      observer.dutyFailed({ duty: NAME, error, delayMs });
      await pause(delayMs, signal);
    }
  }
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

/** Names of Secrets and RoleBindings that the configuration declares; the account has rights on no others. */
function watchedNames({ config, names }: CredentialDutyOptions): {
  readonly secretNames: readonly string[];
  readonly bindingNames: ReadonlyMap<string, string>;
} {
  const bots = Object.entries(config.bots);
  const secretNames = bots.flatMap(([bot, { outputs }]) =>
    Object.entries(outputs).map(([name, output]) => resolveOutput(config, bot, name, output).secretName),
  );
  return { secretNames, bindingNames: new Map(bots.map(([bot]) => [bot, names.bot(bot)])) };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** A function, for the checker takes the loop's own look at it for still true. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
