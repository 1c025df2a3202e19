import type { ConfigDrift } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import type { ConsumerNamespace, DesiredState } from '../../credentials/desired-state.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { errorFields } from '../../telemetry/fields.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { ClusterCache } from '../caches/cluster-cache.ts';
import { tbotUrl, type ReleaseNames } from '../names.ts';
import type { EventRecorder } from '../runtime/event-recorder.ts';
import { periodic, type Reconciler } from '../runtime/reconciler.ts';
import { ReadinessPoller, type ReadinessPollerOptions } from '../tbot/readiness-poller.ts';
import { shardsOf } from '../tbot/shard-reconciler.ts';
import { createConfigDriftCheck } from './config-drift-check.ts';
import { CredentialStatusCheck } from './credential-status-check.ts';

export interface StatusReconcilersOptions {
  readonly client: KubernetesClient;
  readonly config: Config;
  readonly namespace: string;
  readonly names: ReleaseNames;
  readonly cluster: ClusterCache;
  readonly desiredStateOf: (namespace: ConsumerNamespace) => DesiredState;
  readonly events: EventRecorder;
  readonly drift: () => ConfigDrift;
  /** By the API server's clock. */
  readonly now: () => Date;
  /** Where the diagnostics of a tbot are; undefined: at the chart's Service. */
  readonly tbotUrlOf?: ReadinessPollerOptions['urlOf'] | undefined;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** A pod that is created in the meantime waits for its credential, warned or not. */
const STATUS_EVERY_MS = 5_000;
const DRIFT_EVERY_MS = 5_000;

/** More or less: tbot tries again much more seldom. */
const POLL_EVERY_MS = 30_000;

/** How credentials, tbots and the configuration are, told to webhooks, metrics and people. */
export function statusReconcilers(options: StatusReconcilersOptions): readonly Reconciler[] {
  const { names, namespace, cluster, config, now, tbotUrlOf, metrics, log } = options;
  const whenSynced = (): Promise<boolean> => cluster.whenSynced();
  const poller = new ReadinessPoller({
    shards: shardsOf(config),
    urlOf: tbotUrlOf ?? (({ bot, shard }) => tbotUrl(names.diagnostics(bot, shard), namespace)),
    now,
    onPolled: ({ bot, shard }, { failure, isNews }) => {
      metrics.tbotReachable.set({ bot, shard }, failure === undefined);
      if (!isNews) return;
      if (failure === undefined) log.info('tbot answers', { bot, shard });
      else log.info('tbot does not answer', { bot, shard, ...errorFields(failure) });
    },
  });
  const status = new CredentialStatusCheck({
    ...options,
    name: names.status,
    readinessOf: (of) => poller.readinessOf(of),
  });
  return [
    periodic({
      name: 'credential-status',
      whenSynced,
      everyMs: () => STATUS_EVERY_MS,
      check: () => status.check(now()),
    }),
    periodic({
      name: 'tbot-readiness',
      whenSynced,
      everyMs: () => POLL_EVERY_MS * (0.8 + 0.4 * Math.random()),
      check: (signal) => poller.poll(signal),
    }),
    periodic({
      name: 'configuration',
      everyMs: () => DRIFT_EVERY_MS,
      check: createConfigDriftCheck(options),
    }),
  ];
}
