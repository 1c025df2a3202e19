import type { Config } from '../config/schema.ts';
import type { RestartSettings } from '../credentials/restart.ts';
import { shardOf } from '../credentials/shards.ts';
import { createWanted } from '../credentials/wanted.ts';
import { resolveOutput } from '../grants/output.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import type { Leadership } from '../kubernetes/elector.ts';
import { AskingPods } from './asking-pods.ts';
import { ClusterState, type BotObjects } from './cluster-state.ts';
import { createCredentialStore } from './credential-store.ts';
import { aborted, type Duty, type DutyObserver } from './duty.ts';
import { createEventRecorder } from './events.ts';
import { keepDoing, pause } from './keep-doing.ts';
import { ListingChanges } from './listing-changes.ts';
import { judge, type Judged } from './listing.ts';
import { createLookers, type LookersObserver } from './lookers.ts';
import { NamespaceKeeper, type NamespaceObserver } from './namespace-keeper.ts';
import type { ReleaseNames } from './names.ts';
import { keepShard, shardsOf, type ShardObserver } from './shard-keeper.ts';
import type { AskerOptions } from './tbot-asker.ts';
import type { WatchObserver } from './watch-observer.ts';
import { keepRestarting, type RestartObserver } from './workload-restarts.ts';

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
  readonly restarts?: RestartSettings;
  /** Where the diagnostics of a tbot are, where not at the chart's Service. */
  readonly tbotUrlOf?: AskerOptions['urlOf'] | undefined;
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
  const wantedOf = createWanted(config, options.namespace);
  const store = createCredentialStore(options);
  const events = createEventRecorder(client, identity, (error) => {
    observer.eventFailed(error);
  });
  const mayWrite = (): boolean => leadership.holds();
  const shards = shardsOf(config);
  let isSynced = false;
  const listings = new ListingChanges();
  const judgedIn = (name: string): readonly Judged[] => {
    const namespace = state.namespace(name);
    return namespace === undefined ? [] : judge(wantedOf(namespace), state.observed(name), store.grantsOf);
  };
  const changed = (name: string): void => {
    if (!isSynced) return;
    namespaces.add(name);
    const touched = listings.follow(name, judgedIn(name));
    for (const { bot, shard, bell } of shards) {
      if (touched.includes(bot) && shardOf(name, config.bots[bot]?.shards ?? 1) === shard) bell.ring();
    }
  };
  const state = new ClusterState({ client, observer, bots: watchedNames(options), onChange: changed });
  const pods = new AskingPods(client, observer);
  const now = (): Date => client.contact.serverTime;
  const namespaces = new NamespaceKeeper({
    seen: state,
    wantedOf,
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
      listings.follow(name, judgedIn(name));
    }
    const listing = { config, wantedOf, grantsOf: store.grantsOf };
    const persistence = { duty: NAME, client, observer, signal };
    const lookers = createLookers({ ...options, state, pods, shards, wantedOf, events, mayWrite, signal });
    await Promise.all([
      ...lookers.map(({ look, everyMs }) =>
        keepDoing(async () => {
          await look(now());
          await pause(everyMs(), signal);
        }, persistence),
      ),
      ...(options.restartsWorkloads === true
        ? [keepRestarting({ ...options, seen: state, wantedOf, events }, persistence, leadership)]
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
