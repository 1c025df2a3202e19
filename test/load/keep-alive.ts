/**
 * `node test/load/keep-alive.ts [minutes]`: reviews on kept connections at the intervals at which servers that close
 * idle connections break them: about node's default of 5 s, then about the 90 s of the API server.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/harness/cluster.ts';
import { pod, review } from '../admission/fixture.ts';
import { ASKS, createPod, isFine, OPTED_IN } from './admissions.ts';
import { withCluster } from './cluster.ts';
import { countArgument } from './figures.ts';
import { openConnection } from './kept-connection.ts';
import { startReplicas } from './replicas.ts';

export interface KeepAliveTimes {
  readonly seconds: number;
  /** Between requests of one connection; each has its own connections. */
  readonly pauses: readonly number[];
  /** From the opening of a connection to its first request. */
  readonly unused: readonly number[];
  /** Between pods, one after the other, when `seconds` are over. */
  readonly idle?: readonly number[];
  readonly timeoutSeconds?: number;
}

export interface KeepAliveFigures {
  readonly requests: number;
  /** What broke connections of our own. */
  readonly broken: readonly string[];
  readonly pods: number;
  readonly failedPods: readonly string[];
  /** That the API server opened while no pause was longer than it keeps them. */
  readonly connections: number;
}

const BODY = JSON.stringify(review(pod()));

export async function keepAlive(cluster: Cluster, times: KeepAliveTimes): Promise<KeepAliveFigures> {
  const namespace = 'keep-alive';
  await cluster.createNamespace(namespace, OPTED_IN);
  const replicas = await startReplicas(cluster, { count: 1, timeoutSeconds: times.timeoutSeconds });
  const [webhook] = replicas.running;
  const end = performance.now() + (times.seconds + sum(times.idle ?? [])) * 1000;
  const broken: string[] = [];
  const failedPods: string[] = [];
  let requests = 0;
  let pods = 0;

  const knock = async (pause: number, unused = 0): Promise<void> => {
    const connection = await openConnection(webhook?.url ?? '', replicas.files.caBundle);
    try {
      await sleep(unused * 1000);
      do {
        const status = await connection.post('/mutate?timeout=5s', BODY);
        if (status !== 200) throw new Error(`HTTP ${status}`);
        requests++;
        await sleep(pause * 1000);
      } while (performance.now() < end);
    } catch (error) {
      broken.push(`${unused || pause} s: ${String(error)}`);
    } finally {
      connection.close();
    }
  };
  const create = async (pause: number): Promise<void> => {
    const admission = await createPod(cluster.api, { namespace, annotations: ASKS });
    pods++;
    if (!isFine(admission)) failedPods.push(`before ${pause} s: ${admission.status} ${admission.message}`);
    await sleep(pause * 1000);
  };
  try {
    const lanes = [...times.pauses, ...(times.idle ?? [])].map((pause) => knock(pause));
    const knocking = Promise.all([...lanes, ...times.unused.map((unused) => knock(5, unused))]);
    const began = performance.now();
    for (let turn = 0; performance.now() < began + times.seconds * 1000; turn++) {
      await create(times.pauses[turn % times.pauses.length] ?? 1);
    }
    const connections = replicas.balancer.connections();
    for (const pause of times.idle ?? []) await create(pause);
    await create(0);
    await knocking;
    return { requests, broken, pods, failedPods, connections };
  } finally {
    await replicas.stop();
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export const ABOUT_FIVE = [4.9, 4.95, 5, 5.05, 5.1, 5.5, 6, 6.1];
const ABOUT_NINETY = [60, 80, 89, 90, 91, 105, 120];

if (import.meta.main) {
  const seconds = countArgument(5) * 60;
  const figures = await withCluster((cluster) =>
    keepAlive(cluster, { seconds, pauses: ABOUT_FIVE, unused: [12, ...ABOUT_NINETY], idle: ABOUT_NINETY }),
  );
  const { requests, broken, pods, failedPods, connections } = figures;
  console.log(`own connections: ${requests} requests, broken`, broken);
  console.log(`API server: ${pods} pods on ${connections} connections, failed`, failedPods);
  process.exitCode = broken.length + failedPods.length === 0 ? 0 : 1;
}
