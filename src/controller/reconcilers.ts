import type { ConfigDrift } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { createDesiredState } from '../credentials/desired-state.ts';
import type { TbotRestartSettings } from '../credentials/tbot-restart.ts';
import { resolveOutput } from '../grants/output.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import type { InformerMonitor } from '../kubernetes/informer.ts';
import { errorFields } from '../telemetry/fields.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { ClusterCache, type BotObjects } from './caches/cluster-cache.ts';
import { openPodCache } from './caches/pod-cache.ts';
import { WorkloadCache } from './caches/workload-cache.ts';
import { createCertificateReconciler } from './certificates/certificate-reconciler.ts';
import { createGivenBundleReconciler } from './certificates/given-bundle-reconciler.ts';
import type { OpenTerm, Term } from './manager.ts';
import type { ReleaseNames } from './names.ts';
import { createCredentialStore } from './namespaces/credential-store.ts';
import { createNamespaceReconciler } from './namespaces/namespace-reconciler.ts';
import { podReconcilers } from './pods/pod-reconcilers.ts';
import { createEventRecorder } from './runtime/event-recorder.ts';
import type { Reconciler } from './runtime/reconciler.ts';
import { statusReconcilers } from './status/status-reconcilers.ts';
import type { ReadinessPollerOptions } from './tbot/readiness-poller.ts';
import { createShardReconciler } from './tbot/shard-reconciler.ts';
import { createRestartReconciler } from './workloads/workload-restarts.ts';

export interface ControllerOptions {
  readonly config: Config;
  /** Of the release. */
  readonly namespace: string;
  readonly names: ReleaseNames;
  /** The account that each bot's tbot runs as. */
  readonly accountOf: (bot: string) => string;
  /** Unique to this process. */
  readonly identity: string;
  readonly certificates: CertificateOptions;
  /** What the configuration file says by now. */
  readonly drift: () => ConfigDrift;
  /** Whether pods that were not injected are evicted. */
  readonly evicts: boolean;
  /** Whether workloads that ask for it are restarted. */
  readonly restartsWorkloads: boolean;
  /** Where the diagnostics of a tbot are; undefined: at the chart's Service. */
  readonly tbotUrlOf?: ReadinessPollerOptions['urlOf'] | undefined;
  readonly monitor: InformerMonitor;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly graceMs?: number;
  readonly restarts?: TbotRestartSettings;
}

export type CertificateOptions =
  /** Issued here; `servingNames` are those under which the webhook is called. */
  | { readonly source: 'own'; readonly servingNames: readonly string[] }
  /** Brought by the platform; without `readBundle` it publishes the CA as well. */
  | { readonly source: 'given'; readonly readBundle: (() => Promise<string>) | undefined };

/** A wrong label that is put right within this time costs no workload its credential. */
const GRACE_MS = 10 * 60_000;

/** What a leader runs: certificates at once, and everything else as soon as the cluster cache is synced. */
export function createOpenTerm(options: ControllerOptions): OpenTerm {
  return (client) => {
    const certificates = certificateReconcilers({ ...options, client });
    const { reconcilers, caches } = openCredentials({ ...options, client });
    return { reconcilers: [...certificates, ...reconcilers], caches };
  };
}

type TermOptions = ControllerOptions & { readonly client: KubernetesClient };

function certificateReconcilers({ certificates, ...options }: TermOptions): readonly Reconciler[] {
  if (certificates.source === 'own') return [createCertificateReconciler({ ...options, ...certificates })];
  const { readBundle } = certificates;
  return readBundle === undefined ? [] : [createGivenBundleReconciler({ ...options, readBundle })];
}

function openCredentials(options: TermOptions): Term {
  const { client, config, identity, namespace, monitor, log, graceMs = GRACE_MS } = options;
  const cluster = new ClusterCache({ client, monitor, bots: watchedNames(options) });
  const pods = openPodCache(client, monitor);
  const workloads = options.restartsWorkloads ? new WorkloadCache(client, monitor) : undefined;
  const desiredStateOf = createDesiredState(config, namespace);
  const store = createCredentialStore(options);
  const events = createEventRecorder(client, identity, (error) => {
    log.warn('event not recorded', errorFields(error));
  });
  const shared = {
    ...options,
    cluster,
    pods,
    desiredStateOf,
    store,
    expectedBinding: store.expectedBinding,
    events,
    graceMs,
    now: () => client.contact.serverTime,
  };
  return {
    reconcilers: [
      createNamespaceReconciler(shared),
      createShardReconciler(shared),
      ...statusReconcilers(shared),
      ...podReconcilers(shared),
      ...(workloads === undefined ? [] : [createRestartReconciler({ ...shared, workloads })]),
    ],
    caches: [cluster, pods, ...(workloads === undefined ? [] : [workloads])],
  };
}

/** By bot, the names that the configuration declares; the account has rights on no others. */
function watchedNames({ config, names }: ControllerOptions): ReadonlyMap<string, BotObjects> {
  return new Map(
    Object.entries(config.bots).map(([bot, { outputs }]) => {
      const secrets = Object.entries(outputs).map(
        ([name, output]) => resolveOutput(config, bot, name, output).secretName,
      );
      return [bot, { secrets, binding: names.bot(bot) }];
    }),
  );
}
