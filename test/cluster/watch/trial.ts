import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadClient, type KubernetesClient } from '../../../src/kubernetes/client.ts';
import type { WatchReport } from '../../../src/kubernetes/watch-handlers.ts';
import { createNamespaceReader, type NamespaceReader } from '../../../src/kubernetes/namespaces.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import type { Cluster } from '../harness/cluster.ts';
import { eventually } from '../harness/eventually.ts';
import { FaultProxy } from '../harness/fault-proxy.ts';
import { createWebhookAccount } from '../harness/webhook-account.ts';
import { changeNamespaces, createNamespaces, differences, isChanged } from './changes.ts';

export type Cache = Pick<NamespaceReader, 'get' | 'whenSynced' | 'lastContact' | 'restarts' | 'stop'>;

export interface Stage {
  readonly cluster: Cluster;
  readonly proxy: FaultProxy;
  readonly client: KubernetesClient;
  /** The prefix of all namespaces of this trial. */
  readonly name: string;
}

export interface Fault {
  readonly name: string;
  /** How long it lasts: in the normal run, if it is in it, and in the script. 0: it is over once it has happened. */
  readonly seconds: { readonly test?: number; readonly script: number };
  readonly begin: (stage: Stage) => unknown;
  readonly end?: (stage: Stage) => unknown;
  /** The cache that meets it; by default that of the webhook. */
  readonly open?: (client: KubernetesClient, onReport: (report: WatchReport) => void) => Cache;
}

export interface Recovery {
  readonly fault: string;
  /** From the end of the fault until the cache knew every change made meanwhile. */
  readonly seconds: number;
  /** From a change made afterwards until the cache knew it. */
  readonly secondsAfterwards: number;
  /** Namespaces that the cache holds otherwise than the cluster, in the end. */
  readonly wrong: readonly string[];
  readonly watches: { readonly most: number; readonly open: number; readonly times: readonly number[] };
  readonly restarts: { readonly counted: number; readonly reported: number; readonly scraped: number };
  /** Milliseconds since the epoch: the last contact before the fault's end, after the recovery, and as scraped. */
  readonly contact: { readonly during: number; readonly after: number; readonly scraped: number };
  readonly ended: number;
}

/** Far over the allowed time, so that a failing case has a figure, too. */
const PATIENCE = { seconds: 90, everyMs: 20 };

/** Lets one fault happen to a cache, with changes in the cluster meanwhile, and measures how it recovers. */
export async function tryFault(
  cluster: Cluster,
  fault: Fault,
  name: string,
  holdSeconds: number,
): Promise<Recovery> {
  const proxy = await FaultProxy.open(cluster);
  const client = loadClient({ kubeconfig: await writeKubeconfig(cluster, proxy) });
  const reports: WatchReport[] = [];
  const onReport = (report: WatchReport): void => void reports.push(report);
  const cache = (fault.open ?? openReader)(client, onReport);
  const metrics = createMetrics({ version: 'test', process: 'webhook' });
  metrics.followInformer('namespaces', cache);
  const stage = { cluster, proxy, client, name };
  try {
    await cache.whenSynced;
    await createNamespaces(cluster, name);
    await eventually('the cache follows', () => cache.get(`${name}-gone`) && cache.get(`${name}-kept`));
    await eventually('a watch is open', () => proxy.openWatches === 1 || undefined);

    await fault.begin(stage);
    const changed = changeNamespaces(cluster, name);
    await sleep(holdSeconds * 1000);
    if (fault.end === undefined) await changed;
    const during = cache.lastContact ?? 0;
    await fault.end?.(stage);
    const [end, ended] = [performance.now(), Date.now()];
    await changed;
    await eventually('the changes are known', () => isChanged(cache, name) || undefined, PATIENCE);
    const seconds = (performance.now() - end) / 1000;
    await eventually('contact is noted', () => (cache.lastContact ?? 0) >= ended || undefined, PATIENCE);

    const secondsAfterwards = await timeAnother(stage, cache);
    const wrong = await eventually('the cache agrees with the cluster', async () => {
      const found = await differences(cluster, cache);
      return found.length === 0 ? found : undefined;
    }).catch(() => differences(cluster, cache));
    await eventually('a watch is open', () => proxy.openWatches === 1 || undefined);
    const [counted, after] = [cache.restarts, cache.lastContact ?? 0];
    const { body } = await metrics.render();
    return {
      fault: fault.name,
      seconds,
      secondsAfterwards,
      wrong,
      watches: { most: proxy.mostWatches, open: proxy.openWatches, times: proxy.watchTimes },
      restarts: {
        counted,
        reported: reports.filter(isTrouble).length,
        scraped: scraped(body, 'tbot_injector_informer_restarts_total'),
      },
      contact: {
        during,
        after,
        scraped: scraped(body, 'tbot_injector_informer_last_contact_timestamp_seconds') * 1000,
      },
      ended,
    };
  } finally {
    await cache.stop();
    await client.close();
    proxy.close();
  }
}

const openReader: NonNullable<Fault['open']> = (client, onReport) =>
  createNamespaceReader({
    client,
    monitor: {
      informerStarted: () => undefined,
      informerReported: (_, report) => {
        onReport(report);
      },
      informerStopped: () => undefined,
    },
  });

async function writeKubeconfig(cluster: Cluster, proxy: FaultProxy): Promise<string> {
  const file = join(await mkdtemp(join(cluster.folder, 'watch-')), 'kubeconfig.yaml');
  const text = await createWebhookAccount({ ...cluster, url: proxy.url, ca: proxy.ca });
  await writeFile(file, text, { mode: 0o600 });
  return file;
}

async function timeAnother({ cluster, name }: Stage, cache: Cache): Promise<number> {
  const start = performance.now();
  await cluster.createNamespace(`${name}-afterwards`);
  await eventually('a later change is known', () => cache.get(`${name}-afterwards`), PATIENCE);
  return (performance.now() - start) / 1000;
}

function isTrouble(report: WatchReport): boolean {
  return report.kind === 'restarting' && (report.failures > 0 || report.end.kind !== 'ended');
}

function scraped(body: string, name: string): number {
  return Number(new RegExp(`^${name}\\{resource="namespaces"\\} (\\S+)$`, 'm').exec(body)?.[1]);
}
