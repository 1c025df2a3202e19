import type { Cluster } from '../cluster/harness/cluster.ts';
import { startTcpBalancer, type TcpBalancer } from '../cluster/harness/tcp-balancer.ts';
import { startReplica, writeWebhookFiles, type WebhookFiles } from '../cluster/harness/webhook.ts';
import { installWebhookEntries } from '../cluster/harness/webhook-entries.ts';
import type { WebhookProcess } from '../webhook-process.ts';

/** Replicas of the webhook behind a balancer, which the cluster's webhook entries name. */
export interface Replicas {
  readonly files: WebhookFiles;
  readonly balancer: TcpBalancer;
  readonly running: readonly WebhookProcess[];
  start(): Promise<void>;
  /** Ends the one that has run longest. */
  endOldest(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  stop(): Promise<void>;
}

/** How long the API server waits for the webhook in a short version: a machine too busy for 5 s is no fault of it. */
export const PATIENT = { timeoutSeconds: 30 };

export interface ReplicaSettings {
  readonly count: number;
  /** In place of the chart's 5. */
  readonly timeoutSeconds?: number | undefined;
}

export async function startReplicas(
  cluster: Cluster,
  { count, timeoutSeconds }: ReplicaSettings,
): Promise<Replicas> {
  const files = await writeWebhookFiles(cluster, 'examples/config.yaml');
  const balancer = await startTcpBalancer();
  const running: WebhookProcess[] = [];
  const replicas: Replicas = {
    files,
    balancer,
    running,
    start: async () => {
      const replica = await startReplica(files);
      running.push(replica);
      balancer.add(replica);
    },
    endOldest: async (signal) => {
      const replica = running.shift();
      if (replica === undefined) return;
      await replica.end(signal);
      balancer.remove(replica);
    },
    stop: async () => {
      while (running.length > 0) await replicas.endOldest('SIGKILL');
      await balancer.stop();
    },
  };
  await Promise.all(Array.from({ length: count }, () => replicas.start()));
  await balancer.untilReady(count);
  const values = timeoutSeconds === undefined ? {} : { webhook: { mutate: { timeoutSeconds } } };
  await installWebhookEntries(cluster, { url: balancer.url, caBundle: files.caBundle, values });
  return replicas;
}
