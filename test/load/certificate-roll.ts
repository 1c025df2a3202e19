/**
 * `node test/load/certificate-roll.ts [rest]`: the controller's own rotations roll the CA under webhooks that serve, while
 * reviews are sent through the API server, on kept and on fresh connections. Not one may fail. `rest` are the seconds
 * between two phases, 20 by default.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROTATION } from '../../src/certificates/renewal.ts';
import { readCertificates } from '../../src/certificates/certificate.ts';
import { createCertificateStore } from '../../src/controller/certificates/certificate-store.ts';
import { namesOfRelease } from '../../src/controller/names.ts';
import { loadClient } from '../../src/kubernetes/client.ts';
import { readState } from '../cluster/harness/certificate-state.ts';
import type { Cluster } from '../cluster/harness/cluster.ts';
import { createControllerAccount } from '../cluster/harness/controller-account.ts';
import { eventually } from '../cluster/harness/eventually.ts';
import { startTcpBalancer } from '../cluster/harness/tcp-balancer.ts';
import { mountServingPair, startReplica, writeWebhookFiles } from '../cluster/harness/webhook.ts';
import { installWebhookEntries } from '../cluster/harness/webhook-entries.ts';
import { TestRotation } from '../controller/certificates/test-rotation.ts';
import { OPTED_IN } from './admissions.ts';
import { withCluster } from './cluster.ts';
import { countArgument, countBy, progress } from './figures.ts';
import { openConnection } from './kept-connection.ts';
import { startTraffic } from './traffic.ts';

export interface RollFigures {
  /** What each phase did, and how many CAs were published after it. */
  readonly phases: readonly string[];
  readonly sent: { readonly apiServer: number; readonly kept: number; readonly fresh: number };
  readonly failed: readonly string[];
}

const RELEASE = { namespace: 'tbot-system', fullname: 'tbot-injector' } as const;
const DAY_MS = 86_400_000;

/**
 * When, in days from now, by the clock of the rotations. It is set in such a way that every leaf is valid by the real one
 * too, which the webhooks' TLS goes by, and that only the CA is due for renewal, wherever its jitter lies.
 */
const DAYS = { firstCa: -243.49, firstLeaf: -18.44, roll: -1 / 24, afterLastLeaf: 13 };

export interface Roll {
  /** After each phase. */
  readonly restSeconds: number;
  readonly timeoutSeconds?: number;
  readonly onPhase?: (phase: string) => void;
}

export async function rollCertificates(
  cluster: Cluster,
  { restSeconds, timeoutSeconds, onPhase }: Roll,
): Promise<RollFigures> {
  const start = Date.now();
  const at = (days: number): Date => new Date(start + days * DAY_MS);
  const kubeconfig = join(cluster.folder, 'roll.yaml');
  await writeFile(kubeconfig, await createControllerAccount(cluster, RELEASE), { mode: 0o600 });
  const client = loadClient({ kubeconfig });
  const names = namesOfRelease(RELEASE.fullname);
  const rotation = new TestRotation(createCertificateStore({ ...RELEASE, client, names }), at(DAYS.firstCa));

  const files = await writeWebhookFiles(cluster, 'examples/config.yaml');
  const phases: string[] = [];
  let trusted = '';
  /** One rotation, and what a kubelet does after it. */
  const rotate = async (): Promise<void> => {
    const done = await rotation.rotate();
    const { serving, authority, bundles } = await readState(cluster, RELEASE);
    trusted = bundles[0] ?? authority?.['ca.crt'] ?? '';
    const read = readCertificates(trusted);
    const phase = `${done}: ${read.kind === 'read' ? read.certificates.length : 0}`;
    phases.push(phase);
    onPhase?.(phase);
    await mountServingPair(files.tls, {
      certificate: serving?.['tls.crt'] ?? '',
      key: serving?.['tls.key'] ?? '',
    });
  };
  await rotate();
  rotation.now = at(DAYS.firstLeaf);
  await rotate();

  const balancer = await startTcpBalancer();
  const replicas = await Promise.all([startReplica(files), startReplica(files)]);
  for (const replica of replicas) balancer.add(replica);
  await balancer.untilReady(replicas.length);
  await installWebhookEntries(cluster, {
    url: balancer.url,
    caBundle: trusted,
    values: timeoutSeconds === undefined ? {} : { webhook: { mutate: { timeoutSeconds } } },
  });
  const namespace = 'roll';
  await cluster.createNamespace(namespace, OPTED_IN);

  const traffic = startTraffic(cluster, { namespace, url: balancer.url, trusted: () => trusted });
  const { sent, failed } = traffic;
  const rest = async (): Promise<void> => {
    await traffic.settled();
    await sleep(restSeconds * 1000);
  };
  const untilServed = async (): Promise<void> => {
    const { authority } = await readState(cluster, RELEASE);
    for (const { url } of replicas) {
      await eventually('the new certificate is served', async () => {
        (await openConnection(url, authority?.['ca.crt'] ?? '')).close();
        return true;
      });
    }
  };
  try {
    await rest();
    rotation.now = at(DAYS.roll);
    await rotate();
    await rest();
    rotation.elapsedMs += ROTATION.settleMs;
    await rotate();
    await untilServed();
    await rest();
    rotation.now = at(DAYS.afterLastLeaf);
    rotation.elapsedMs += ROTATION.settleMs;
    await rotate();
    await rest();
  } finally {
    await traffic.stop();
    await Promise.all(replicas.map((replica) => replica.end('SIGKILL')));
    await balancer.stop();
    await client.close();
  }
  return { phases, sent, failed };
}

if (import.meta.main) {
  const restSeconds = countArgument(20);
  const { sent, failed } = await withCluster((cluster) =>
    rollCertificates(cluster, { restSeconds, onPhase: progress }),
  );
  console.log(
    sent,
    'failed',
    countBy(failed, (text) => text),
  );
  process.exitCode = failed.length === 0 ? 0 : 1;
}
