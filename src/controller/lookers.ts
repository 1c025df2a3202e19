import type { Config } from '../config/schema.ts';
import { mayBeEvicted } from '../credentials/asking-pod.ts';
import { isFresh } from '../credentials/health.ts';
import type { ConsumerNamespace, Destination, Wanted } from '../credentials/wanted.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import type { AskingPods } from './asking-pods.ts';
import type { ClusterState } from './cluster-state.ts';
import { DeprivedPods } from './deprived-pods.ts';
import type { EventJournal } from './events.ts';
import { MissedPods } from './missed-pods.ts';
import { tbotUrl, type ReleaseNames } from './names.ts';
import { PodEvictions, type EvictionObserver } from './pod-evictions.ts';
import type { Shard } from './shard-keeper.ts';
import { StatusKeeper, type StatusOptions } from './status-keeper.ts';
import { TbotAsker, type AskerOptions } from './tbot-asker.ts';

export interface LookersOptions {
  readonly client: KubernetesClient;
  readonly config: Config;
  readonly namespace: string;
  readonly names: ReleaseNames;
  readonly state: ClusterState;
  readonly pods: AskingPods;
  readonly shards: readonly Shard[];
  readonly wantedOf: (namespace: ConsumerNamespace) => Wanted;
  readonly events: EventJournal;
  readonly mayWrite: () => boolean;
  readonly signal: AbortSignal;
  /** Whether pods that slipped through are evicted. */
  readonly evicts: boolean;
  /** Where the diagnostics of a tbot are, where not at the chart's Service. */
  readonly tbotUrlOf?: AskerOptions['urlOf'] | undefined;
  readonly observer: LookersObserver;
}

export interface LookersObserver extends EvictionObserver {
  readonly healthCounted: StatusOptions['onCounted'];
  readonly failingCounted: StatusOptions['onFailing'];
  readonly tbotAsked: AskerOptions['onAsked'];
  /** How many pods ask for credentials and were not injected. */
  missedPods(count: number): void;
  /** How many pods use credentials that nobody renews any more. */
  deprivedPods(count: number): void;
}

/** Looks at everything from time to time, and tells what is wrong. */
export interface Looker {
  /** By the API server's clock. @throws KubernetesError */
  readonly look: (now: Date) => Promise<void>;
  readonly everyMs: () => number;
}

/** A pod that is created in the meantime waits for its credential, warned or not. */
const STATUS_EVERY_MS = 5_000;
const PODS_EVERY_MS = 10_000;

/** More or less: tbot tries again much more seldom. */
const ASK_EVERY_MS = 30_000;

/** What the leader looks at beside namespaces and shards: the health of credentials, every tbot, and the pods that ask. */
export function createLookers(options: LookersOptions): readonly Looker[] {
  const asker = createAsker(options);
  const status = createStatus(options, asker);
  const missed = createMissed(options);
  const deprived = createDeprived(options);
  return [
    { look: (now) => status.look(now), everyMs: () => STATUS_EVERY_MS },
    { look: (now) => missed.look(now), everyMs: () => PODS_EVERY_MS },
    { look: () => deprived.look(), everyMs: () => PODS_EVERY_MS },
    { look: () => asker.look(), everyMs: () => ASK_EVERY_MS * (0.8 + 0.4 * Math.random()) },
  ];
}

function createAsker({
  shards,
  tbotUrlOf,
  names,
  namespace,
  client,
  signal,
  observer,
}: LookersOptions): TbotAsker {
  return new TbotAsker({
    shards,
    urlOf: tbotUrlOf ?? (({ bot, shard }) => tbotUrl(names.diagnostics(bot, shard), namespace)),
    now: () => client.contact.serverTime,
    signal,
    onAsked: (of, report) => {
      observer.tbotAsked(of, report);
    },
  });
}

function createStatus(options: LookersOptions, asker: TbotAsker): StatusKeeper {
  const { names, state, observer } = options;
  return new StatusKeeper({
    ...options,
    name: names.status,
    seen: state,
    readinessOf: (of) => asker.readinessOf(of),
    onCounted: (bot, counts) => {
      observer.healthCounted(bot, counts);
    },
    onFailing: (of, count) => {
      observer.failingCounted(of, count);
    },
  });
}

function createMissed(options: LookersOptions): MissedPods {
  const { pods, events, evicts, observer } = options;
  return new MissedPods({
    pods: () => pods.all(),
    events,
    isOptedIn: (name) => wantedIn(options, name)?.optedIn === 'yes',
    evictions: evicts ? createEvictions(options) : undefined,
    onCounted: (count) => {
      observer.missedPods(count);
    },
  });
}

function createEvictions(options: LookersOptions): PodEvictions {
  const { client, config, state, pods, mayWrite, observer } = options;
  return new PodEvictions({
    client,
    pods: () => pods.all(),
    mayBeEvicted: (pod, now) => {
      const wanted = wantedIn(options, pod.namespace);
      const isReady = (each: Destination): boolean =>
        isFresh(each, state.observed(pod.namespace).secrets.get(each.secretName), config.bots, now);
      return wanted !== undefined && mayBeEvicted(pod, wanted, isReady);
    },
    mayWrite,
    observer,
  });
}

function createDeprived(options: LookersOptions): DeprivedPods {
  const { pods, events, observer } = options;
  return new DeprivedPods({
    pods: () => pods.all(),
    wantedIn: (name) => wantedIn(options, name),
    events,
    onCounted: (count) => {
      observer.deprivedPods(count);
    },
  });
}

/** undefined: there is no namespace of that name. */
function wantedIn({ state, wantedOf }: LookersOptions, name: string): Wanted | undefined {
  const namespace = state.namespace(name);
  return namespace && wantedOf(namespace);
}
