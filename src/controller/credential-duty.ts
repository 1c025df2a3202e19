import type { Config } from '../config/schema.ts';
import type { TbotRestartSettings } from '../credentials/tbot-restart.ts';
import { shardOf } from '../credentials/shards.ts';
import { createDesiredState } from '../credentials/desired-state.ts';
import { resolveOutput } from '../grants/output.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import type { Leadership } from '../kubernetes/elector.ts';
import { PodCache } from './caches/pod-cache.ts';
import { ClusterCache, type BotObjects } from './caches/cluster-cache.ts';
import { createCredentialStore } from './namespaces/credential-store.ts';
import { aborted, type Duty, type DutyObserver } from './runtime/duty.ts';
import { createEventRecorder } from './runtime/event-recorder.ts';
import { keepDoing, pause } from './runtime/keep-doing.ts';
import { ShardConfigChanges } from './tbot/shard-config-changes.ts';
import { validateDestinations, type ValidatedDestination } from './tbot/shard-config.ts';
import { createLookers, type LookersObserver } from './lookers.ts';
import { NamespaceKeeper, type NamespaceObserver } from './namespaces/namespace-reconciler.ts';
import type { ReleaseNames } from './names.ts';
import { keepShard, shardsOf, type ShardObserver } from './tbot/shard-reconciler.ts';
import type { ReadinessPollerOptions } from './tbot/readiness-poller.ts';
import type { WatchObserver } from './caches/watch-observer.ts';
import { keepRestarting, type RestartObserver } from './workloads/workload-restarts.ts';

export interface CredentialObserver
  extends DutyObserver, WatchObserver, NamespaceObserver, ShardObserver, LookersObserver, RestartObserver {
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
  /** Whether workloads that ask for it are restarted; not by default. */
  readonly restartsWorkloads?: boolean;
  readonly observer: CredentialObserver;
  readonly graceMs?: number;
  readonly restarts?: TbotRestartSettings;
  /** Where the diagnostics of a tbot are, where not at the chart's Service. */
  readonly tbotUrlOf?: ReadinessPollerOptions['urlOf'] | undefined;
}

const NAME = 'credentials';

/** A mislabel that is put right within this time costs nobody a credential. */
const GRACE_MS = 10 * 60_000;

/** Keeps Secrets, RoleBindings and tbot.yaml of every bot in every namespace that it is granted to. */
export function createCredentialDuty(options: CredentialDutyOptions): Duty {
  return { name: NAME, run: (leadership) => keepCredentials(options, leadership) };
}

async function keepCredentials(options: CredentialDutyOptions, leadership: Leadership): Promise<void> {
  const { client, config, identity, observer, graceMs = GRACE_MS } = options;
  const { signal } = leadership;
  const desiredStateOf = createDesiredState(config, options.namespace);
  const store = createCredentialStore(options);
  const events = createEventRecorder(client, identity, (error) => {
    observer.eventFailed(error);
  });
  const mayWrite = (): boolean => leadership.holds();
  const shards = shardsOf(config);
  let isSynced = false;
  const shardConfigChanges = new ShardConfigChanges();
  const judgedIn = (name: string): readonly ValidatedDestination[] => {
    const namespace = state.namespace(name);
    return namespace === undefined
      ? []
      : validateDestinations(desiredStateOf(namespace), state.observed(name), store.expectedBinding);
  };
  const changed = (name: string): void => {
    if (!isSynced) return;
    namespaces.add(name);
    const touched = shardConfigChanges.follow(name, judgedIn(name));
    for (const { bot, shard, bell } of shards) {
      if (touched.includes(bot) && shardOf(name, config.bots[bot]?.shards ?? 1) === shard) bell.ring();
    }
  };
  const state = new ClusterCache({ client, observer, bots: watchedNames(options), onChange: changed });
  const pods = new PodCache(client, observer);
  const now = (): Date => client.contact.serverTime;
  const namespaces = new NamespaceKeeper({
    seen: state,
    desiredStateOf,
    store,
    events,
    now,
    mayWrite,
    graceMs,
    observer,
  });
  try {
    // A partial view would take away what it does not see yet.
    isSynced = await Promise.race([state.whenSynced(), aborted(signal).then(() => false)]);
    if (!isSynced) return;
    for (const { name } of state.namespaces()) {
      namespaces.add(name);
      shardConfigChanges.follow(name, judgedIn(name));
    }
    const listing = { config, desiredStateOf, expectedBinding: store.expectedBinding };
    const persistence = { duty: NAME, client, observer, signal };
    const lookers = createLookers({
      ...options,
      state,
      pods,
      shards,
      desiredStateOf,
      events,
      mayWrite,
      signal,
    });
    await Promise.all([
      ...lookers.map(({ look, everyMs }) =>
        keepDoing(async () => {
          await look(now());
          await pause(everyMs(), signal);
        }, persistence),
      ),
      ...(options.restartsWorkloads === true
        ? [keepRestarting({ ...options, seen: state, desiredStateOf, events }, persistence, leadership)]
        : []),
      ...shards.map((shard) => {
        const isSeen = (): boolean => state.sees(shard.bot);
        return keepShard({ ...options, shard, isSeen, listing, state, events, persistence }, leadership);
      }),
    ]);
  } finally {
    await pods.stop();
    await state.stop();
    await namespaces.stop();
  }
}

/** By bot, the names that the configuration declares; the account has rights on no others. */
function watchedNames({ config, names }: CredentialDutyOptions): ReadonlyMap<string, BotObjects> {
  return new Map(
    Object.entries(config.bots).map(([bot, { outputs }]) => {
      const secrets = Object.entries(outputs).map(
        ([name, output]) => resolveOutput(config, bot, name, output).secretName,
      );
      return [bot, { secrets, binding: names.bot(bot) }];
    }),
  );
}
