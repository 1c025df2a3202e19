import type { Config } from '../config/schema.ts';
import type { RestartSettings } from '../credentials/restart.ts';
import { shardOf } from '../credentials/shards.ts';
import { createWanted } from '../credentials/wanted.ts';
import { isOptedIn } from '../grants/grants.ts';
import { resolveOutput } from '../grants/output.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import type { Leadership } from '../kubernetes/elector.ts';
import { ClusterState } from './cluster-state.ts';
import { createCredentialStore } from './credential-store.ts';
import { aborted, type Duty, type DutyObserver } from './duty.ts';
import { createEventRecorder } from './events.ts';
import { keepDoing, pause } from './keep-doing.ts';
import { KeyQueue } from './key-queue.ts';
import { passNamespace } from './namespace-pass.ts';
import { MissedPods } from './missed-pods.ts';
import type { ReleaseNames } from './names.ts';
import { keepShard, shardsOf, type ShardObserver } from './shard-keeper.ts';
import { StatusKeeper, type StatusOptions } from './status-keeper.ts';
import type { WatchObserver } from './watch-observer.ts';

export interface CredentialObserver extends DutyObserver, WatchObserver, ShardObserver {
  /** One namespace could not be served; it is tried again, and the others go on. */
  namespaceFailed(failure: {
    readonly namespace: string;
    readonly error: unknown;
    readonly delayMs: number;
  }): void;
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
      return namespace !== undefined && !namespace.isTerminating && isOptedIn(namespace);
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
    const persistence = { duty: NAME, client, observer, signal };
    const look = async (looker: StatusKeeper | MissedPods, everyMs: number): Promise<void> => {
      await looker.look(client.contact.serverTime);
      await pause(everyMs, signal);
    };
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
      keepDoing(() => look(status, STATUS_EVERY_MS), persistence),
      keepDoing(() => look(missed, MISSED_EVERY_MS), persistence),
      ...shards.map((shard) =>
        keepShard({ ...options, shard, listing, state, events, persistence }, leadership),
      ),
    ]);
  } finally {
    await missed.stop();
    await state.stop();
    await queue.stop();
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
