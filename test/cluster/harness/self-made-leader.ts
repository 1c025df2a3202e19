import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInformerMonitor } from '../../../src/app/informer-monitor.ts';
import { loadConfig } from '../../../src/config/load.ts';
import type { Config } from '../../../src/config/schema.ts';
import { runManager } from '../../../src/controller/manager.ts';
import { namesOfRelease } from '../../../src/controller/names.ts';
import { createOpenTerm, type ControllerOptions } from '../../../src/controller/reconcilers.ts';
import { loadClient } from '../../../src/kubernetes/client.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { VERSION } from '../../../src/version.ts';
import { recordingLog } from '../../controller/recording-log.ts';
import type { Cluster } from './cluster.ts';
import { accountKubeconfig, type ServiceAccount } from './service-account.ts';

/** The reconcilers of a controller in this process, which leads without a Lease until it is ended. */
export interface SelfMadeLeader {
  /** What could not be done in a namespace, or at all. */
  readonly failures: readonly unknown[];
  end(): Promise<void>;
}

export interface SelfMadeOf {
  readonly account: ServiceAccount;
  /** Fullname of the release. */
  readonly fullname: string;
}

let count = 0;

/** With the chart's account and configuration; `settings`: where the program's own are too long to wait for. */
export async function leadCredentials(
  cluster: Cluster,
  { account, fullname }: SelfMadeOf,
  settings: Pick<ControllerOptions, 'graceMs' | 'restarts'> = {},
): Promise<SelfMadeLeader> {
  const identity = `self-made-${++count}`;
  const kubeconfig = join(cluster.folder, `${identity}.yaml`);
  await writeFile(kubeconfig, await accountKubeconfig(cluster, account), { mode: 0o600 });
  const client = loadClient({ kubeconfig });
  const names = namesOfRelease(fullname);
  const failures: unknown[] = [];
  const log = recordingLog((event, fields) => {
    if (event === 'reconcile failed') failures.push(fields);
  });
  const metrics = createMetrics({ version: VERSION, process: 'controller' });
  const openTerm = createOpenTerm({
    ...settings,
    names,
    identity,
    config: await readConfiguration(cluster, `${fullname}-config`, account.namespace),
    namespace: account.namespace,
    accountOf: (bot) => names.bot(bot),
    certificates: { source: 'given', readBundle: undefined },
    drift: () => ({ kind: 'current' }),
    evicts: false,
    restartsWorkloads: false,
    monitor: createInformerMonitor(log, metrics),
    log,
    metrics,
  });
  const ending = new AbortController();
  const { signal } = ending;
  const running = runManager(client, openTerm, { signal, holds: () => !signal.aborted }, { log, metrics });
  return {
    failures,
    end: async () => {
      ending.abort();
      await running;
      await client.close();
    },
  };
}

async function readConfiguration(cluster: Cluster, name: string, namespace: string): Promise<Config> {
  const { body } = await cluster.api('GET', `/api/v1/namespaces/${namespace}/configmaps/${name}`);
  const loaded = loadConfig((body as { data: Record<string, string> }).data['config.yaml'] ?? '');
  if (loaded.kind !== 'valid') throw new Error(JSON.stringify(loaded));
  return loaded.config;
}
