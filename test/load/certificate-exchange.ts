/**
 * `node test/load/certificate-exchange.ts [rotations]`: CA and serving certificate are exchanged, with an overlap, while
 * reviews are sent on kept and on fresh connections. Not one may fail.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/harness/cluster.ts';
import { createAuthority } from '../cluster/harness/credentials.ts';
import { eventually } from '../cluster/harness/eventually.ts';
import { createServingPair, mountServingPair } from '../cluster/harness/webhook.ts';
import { publishCaBundle } from '../cluster/harness/webhook-entries.ts';
import { OPTED_IN } from './admissions.ts';
import { withCluster } from './cluster.ts';
import { countArgument, countBy, progress } from './figures.ts';
import { openConnection } from './kept-connection.ts';
import { startReplicas, type Replicas } from './replicas.ts';
import { startTraffic } from './traffic.ts';

export interface Exchange {
  readonly rotations: number;
  /** Seconds between the steps of a rotation, beside what each waits for. */
  readonly restSeconds: number;
  readonly timeoutSeconds?: number;
  readonly onProgress?: (text: string) => void;
}

export interface ExchangeFigures {
  readonly sent: { readonly apiServer: number; readonly kept: number; readonly fresh: number };
  /** What went wrong, by the way it was sent. */
  readonly failed: readonly string[];
}

export async function exchangeCertificates(cluster: Cluster, exchange: Exchange): Promise<ExchangeFigures> {
  const namespace = 'exchange';
  await cluster.createNamespace(namespace, OPTED_IN);
  const replicas = await startReplicas(cluster, { count: 2, timeoutSeconds: exchange.timeoutSeconds });
  let trusted = replicas.files.caBundle;

  const traffic = startTraffic(cluster, {
    namespace,
    url: replicas.balancer.url,
    trusted: () => trusted,
  });
  const { sent, failed } = traffic;
  const publish = async (bundle: string): Promise<void> => {
    await publishCaBundle(cluster, bundle);
    trusted = bundle;
    // Who has begun with the bundle before may still be connecting, on a machine that is busy.
    await traffic.settled();
    await sleep(exchange.restSeconds * 1000);
  };
  try {
    let old = trusted;
    for (let rotation = 1; rotation <= exchange.rotations; rotation++) {
      const authority = await createAuthority(`webhook-ca-${rotation}`);
      await publish(old + authority.certificate);
      await mountServingPair(replicas.files.tls, await createServingPair(authority));
      await untilServed(replicas, authority.certificate);
      await publish(authority.certificate);
      old = authority.certificate;
      exchange.onProgress?.(`rotation ${rotation}: ${JSON.stringify(sent)}, ${failed.length} failed`);
    }
  } finally {
    await traffic.stop();
    await replicas.stop();
  }
  return { sent, failed };
}

/** Until a client that trusts this CA alone believes every replica. */
async function untilServed({ running }: Replicas, ca: string): Promise<void> {
  for (const { url } of running) {
    await eventually('the new certificate is served', async () => {
      (await openConnection(url, ca)).close();
      return true;
    });
  }
}

if (import.meta.main) {
  const rotations = countArgument(20);
  const { sent, failed } = await withCluster((cluster) =>
    exchangeCertificates(cluster, { rotations, restSeconds: 3, onProgress: progress }),
  );
  console.log(
    `rotations ${rotations}`,
    sent,
    'failed',
    countBy(failed, (text) => text),
  );
  process.exitCode = failed.length === 0 ? 0 : 1;
}
