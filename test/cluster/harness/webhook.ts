import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startWebhookProcess, type WebhookProcess } from '../../webhook-process.ts';
import type { Cluster } from './cluster.ts';
import { createAuthority, createLeaf, type PemPair } from './credentials.ts';
import { eventually } from './eventually.ts';
import { mountSecret } from './mounted-secret.ts';
import { createWebhookAccount } from './webhook-account.ts';

export interface ClusterWebhook extends WebhookProcess {
  /** PEM of the CA that signed its serving certificate. */
  readonly caBundle: string;
  /** Reviews it has answered since its start. */
  reviews(): Promise<number>;
}

/** What every replica of one webhook is given. */
export interface WebhookFiles {
  readonly caBundle: string;
  /** The mounted serving certificate. */
  readonly tls: string;
  readonly flags: readonly string[];
}

/** The webhook against this cluster, with the rights it has in production. Returns when it is ready. */
export async function startClusterWebhook(
  cluster: Cluster,
  config: string,
  ...flags: string[]
): Promise<ClusterWebhook> {
  const files = await writeWebhookFiles(cluster, config);
  const process = await startReplica(files, ...flags);
  const reviews = async (): Promise<number> => {
    const counts = (await process.metrics()).matchAll(/^tbot_injector_admissions_total\{.*\} (\d+)$/gm);
    return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
  };
  return { ...process, caBundle: files.caBundle, reviews };
}

export async function writeWebhookFiles(cluster: Cluster, config: string): Promise<WebhookFiles> {
  const folder = await mkdtemp(join(cluster.folder, 'webhook-'));
  const tls = join(folder, 'tls');
  const authority = await createAuthority('webhook-ca');
  await mountServingPair(tls, await createServingPair(authority));
  const kubeconfig = join(folder, 'kubeconfig.yaml');
  await writeFile(kubeconfig, await createWebhookAccount(cluster), { mode: 0o600 });
  const flags = ['--config', config, '--kubeconfig', kubeconfig, '--tls-dir', tls];
  return { caBundle: authority.certificate, tls, flags };
}

/** One process of the webhook. Returns when it is ready. */
export async function startReplica(files: WebhookFiles, ...flags: string[]): Promise<WebhookProcess> {
  const process = await startWebhookProcess(...files.flags, ...flags);
  const ask = async (): Promise<true | undefined> =>
    (await fetch(`${process.healthUrl}/readyz`)).ok || undefined;
  await eventually('the webhook is ready', ask, { seconds: 60 });
  return process;
}

export function createServingPair(authority: PemPair): Promise<PemPair> {
  return createLeaf(authority, { commonName: 'webhook', addresses: ['127.0.0.1'] });
}

export function mountServingPair(tls: string, { certificate, key }: PemPair): Promise<void> {
  return mountSecret(tls, { 'tls.crt': certificate, 'tls.key': key });
}
