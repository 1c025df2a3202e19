import type { Config } from '../config/schema.ts';
import { mayBeEvicted } from '../credentials/annotated-pod.ts';
import { isFresh } from '../credentials/health.ts';
import type { ConsumerNamespace, Destination, DesiredState } from '../credentials/desired-state.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import type { PodCache } from './caches/pod-cache.ts';
import type { ClusterCache } from './caches/cluster-cache.ts';
import { RevokedPods } from './pods/revoked-pods.ts';
import type { DeduplicatingRecorder } from './runtime/event-recorder.ts';
import { UninjectedPods } from './pods/uninjected-pods.ts';
import { tbotUrl, type ReleaseNames } from './names.ts';
import { PodEvictions, type EvictionObserver } from './pods/pod-evictions.ts';
import type { Shard } from './tbot/shard-reconciler.ts';
import { CredentialStatusReconciler, type StatusOptions } from './status/credential-status-reconciler.ts';
import { ReadinessPoller, type ReadinessPollerOptions } from './tbot/readiness-poller.ts';

export interface LookersOptions {
  readonly client: KubernetesClient;
  readonly config: Config;
  readonly namespace: string;
  readonly names: ReleaseNames;
  readonly state: ClusterCache;
  readonly pods: PodCache;
  readonly shards: readonly Shard[];
  readonly desiredStateOf: (namespace: ConsumerNamespace) => DesiredState;
  readonly events: DeduplicatingRecorder;
  readonly mayWrite: () => boolean;
  readonly signal: AbortSignal;
  /** Whether pods that slipped through are evicted. */
  readonly evicts: boolean;
  /** Where the diagnostics of a tbot are, where not at the chart's Service. */
  readonly tbotUrlOf?: ReadinessPollerOptions['urlOf'] | undefined;
  readonly observer: LookersObserver;
}

export interface LookersObserver extends EvictionObserver {
  readonly healthCounted: StatusOptions['onCounted'];
  readonly failingCounted: StatusOptions['onFailing'];
  readonly tbotPolled: ReadinessPollerOptions['onPolled'];
  /** How many pods ask for credentials and were not injected. */
  uninjectedPods(count: number): void;
  /** How many pods use credentials that nobody renews any more. */
  revokedPods(count: number): void;
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
  const uninjected = createUninjected(options);
  const revoked = createRevoked(options);
  return [
    { look: (now) => status.look(now), everyMs: () => STATUS_EVERY_MS },
    { look: (now) => uninjected.look(now), everyMs: () => PODS_EVERY_MS },
    { look: () => revoked.look(), everyMs: () => PODS_EVERY_MS },
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
}: LookersOptions): ReadinessPoller {
  return new ReadinessPoller({
    shards,
    urlOf: tbotUrlOf ?? (({ bot, shard }) => tbotUrl(names.diagnostics(bot, shard), namespace)),
    now: () => client.contact.serverTime,
    signal,
    onPolled: (of, report) => {
      observer.tbotPolled(of, report);
    },
  });
}

function createStatus(options: LookersOptions, asker: ReadinessPoller): CredentialStatusReconciler {
  const { names, state, observer } = options;
  return new CredentialStatusReconciler({
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

function createUninjected(options: LookersOptions): UninjectedPods {
  const { pods, events, evicts, observer } = options;
  return new UninjectedPods({
    pods: () => pods.all(),
    events,
    isOptedIn: (name) => desiredStateIn(options, name)?.optedIn === 'yes',
    evictions: evicts ? createEvictions(options) : undefined,
    onCounted: (count) => {
      observer.uninjectedPods(count);
    },
  });
}

function createEvictions(options: LookersOptions): PodEvictions {
  const { client, config, state, pods, mayWrite, observer } = options;
  return new PodEvictions({
    client,
    pods: () => pods.all(),
    mayBeEvicted: (pod, now) => {
      const desired = desiredStateIn(options, pod.namespace);
      const isReady = (each: Destination): boolean =>
        isFresh(each, state.observed(pod.namespace).secrets.get(each.secretName), config.bots, now);
      return desired !== undefined && mayBeEvicted(pod, desired, isReady);
    },
    mayWrite,
    observer,
  });
}

function createRevoked(options: LookersOptions): RevokedPods {
  const { pods, events, observer } = options;
  return new RevokedPods({
    pods: () => pods.all(),
    desiredStateIn: (name) => desiredStateIn(options, name),
    events,
    onCounted: (count) => {
      observer.revokedPods(count);
    },
  });
}

/** undefined: there is no namespace of that name. */
function desiredStateIn({ state, desiredStateOf }: LookersOptions, name: string): DesiredState | undefined {
  const namespace = state.namespace(name);
  return namespace && desiredStateOf(namespace);
}
