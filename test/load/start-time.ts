/**
 * `node test/load/start-time.ts [runs]`: how long the webhook takes to be ready, from its start with the certificate
 * there, and from the certificate's appearance when it waits for one.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../cluster/harness/cluster.ts';
import { createAuthority } from '../cluster/harness/credentials.ts';
import { eventually } from '../cluster/harness/eventually.ts';
import { createServingPair, mountServingPair, writeWebhookFiles } from '../cluster/harness/webhook.ts';
import { launchWebhookProcess } from '../webhook-process.ts';
import { withCluster } from './cluster.ts';
import { countArgument, spread } from './figures.ts';

export interface StartTimes {
  /** Milliseconds, run by run. */
  readonly fromStart: readonly number[];
  readonly fromCertificate: readonly number[];
}

export async function measureStarts(cluster: Cluster, runs: number): Promise<StartTimes> {
  const files = await writeWebhookFiles(cluster, 'examples/config.yaml');
  const pair = await createServingPair(await createAuthority('start-time'));
  const fromStart: number[] = [];
  const fromCertificate: number[] = [];
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    const prompt = await launchWebhookProcess(...files.flags);
    await untilChecks(prompt.healthUrl, ['serving', 'certificate', 'namespaces']);
    fromStart.push(performance.now() - start);
    await prompt.end('SIGKILL');

    const tls = join(files.tls, `../awaited-${run}`);
    await mkdir(tls);
    const waiting = await launchWebhookProcess(...files.flags, '--tls-dir', tls);
    await untilChecks(waiting.healthUrl, ['namespaces']);
    await mountServingPair(tls, pair);
    const appeared = performance.now();
    await untilChecks(waiting.healthUrl, ['serving', 'certificate', 'namespaces']);
    fromCertificate.push(performance.now() - appeared);
    await waiting.end('SIGKILL');
  }
  return { fromStart, fromCertificate };
}

async function untilChecks(healthUrl: string, names: readonly string[]): Promise<void> {
  const ask = async (): Promise<true | undefined> => {
    const answer = await fetch(`${healthUrl}/readyz`);
    const { checks } = (await answer.json()) as { checks: Readonly<Record<string, boolean>> };
    return names.every((name) => checks[name] === true) ? true : undefined;
  };
  await eventually(`${names.join(', ')} hold`, ask, { everyMs: 5 });
}

if (import.meta.main) {
  const runs = countArgument(10);
  const { fromStart, fromCertificate } = await withCluster((cluster) => measureStarts(cluster, runs));
  console.log('start to ready      ', spread(fromStart), fromStart.map(Math.round));
  console.log('certificate to ready', spread(fromCertificate), fromCertificate.map(Math.round));
}
