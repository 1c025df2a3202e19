/**
 * `node test/load/outage.ts [minutes]`: every replica of the webhook is killed and stays away. Pods that did not opt in
 * must start as before; those that did must not start without identity.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/harness/cluster.ts';
import { ASKS, createPod, isFine, OPTED_IN, type Admission, type PodRequest } from './admissions.ts';
import { withCluster } from './cluster.ts';
import { countArgument, countBy, percentile, progress, spread } from './figures.ts';
import { startPace } from './pace.ts';
import { startReplicas } from './replicas.ts';

const USERS = {
  // Another namespace, and one of ours whose pods ask for nothing.
  bystander: { namespace: 'bystander', annotations: ASKS },
  silent: { namespace: 'opted-in' },
  asking: { namespace: 'opted-in', annotations: ASKS, real: true },
} as const satisfies Record<string, PodRequest>;

type User = keyof typeof USERS;
type Phase = 'up' | 'down' | 'back';

export interface Sent extends Admission {
  readonly user: User;
  readonly phase: Phase;
}

export interface OutageFigures {
  readonly sent: readonly Sent[];
  /** Pods that are there after all, without identity though they asked. */
  readonly withoutIdentity: number;
  /** Seconds from the start of new replicas, and from their readiness, to the first pod with identity. */
  readonly backAfter: { readonly start: number; readonly ready: number };
}

export interface OutageTimes {
  readonly upSeconds: number;
  readonly downSeconds: number;
  readonly timeoutSeconds?: number;
}

export async function outage(cluster: Cluster, times: OutageTimes): Promise<OutageFigures> {
  await cluster.createNamespace('bystander');
  await cluster.createNamespace('opted-in', OPTED_IN);
  const replicas = await startReplicas(cluster, { count: 2, timeoutSeconds: times.timeoutSeconds });
  let phase: Phase = 'up';
  const sent: Sent[] = [];
  const paces = Object.entries(USERS).map(([user, request]) =>
    startPace({
      perSecond: 10,
      send: async () => {
        const during = phase;
        sent.push({ ...(await createPod(cluster.api, request)), user: user as User, phase: during });
      },
    }),
  );
  try {
    await sleep(times.upSeconds * 1000);
    await Promise.all([replicas.endOldest('SIGKILL'), replicas.endOldest('SIGKILL')]);
    phase = 'down';
    await sleep(times.downSeconds * 1000);
    const start = performance.now();
    await Promise.all([replicas.start(), replicas.start()]);
    const ready = performance.now();
    phase = 'back';
    await sleep(times.upSeconds * 1000);
    const first =
      sent.find((each) => each.user === 'asking' && isFine(each) && each.at > start)?.at ?? Infinity;
    const backAfter = { start: (first - start) / 1000, ready: (first - ready) / 1000 };
    return { sent, withoutIdentity: await countWithoutIdentity(cluster), backAfter };
  } finally {
    for (const pace of paces) await pace.stop();
    await replicas.stop();
  }
}

async function countWithoutIdentity(cluster: Cluster): Promise<number> {
  const { body } = await cluster.api('GET', '/api/v1/namespaces/opted-in/pods');
  const { items } = body as { items: { metadata: { annotations?: Record<string, string> } }[] };
  return items.filter(({ metadata }) => metadata.annotations?.['tbot-injector.io/injected'] === undefined)
    .length;
}

if (import.meta.main) {
  const downSeconds = countArgument(10) * 60;
  const figures = await withCluster((cluster) => outage(cluster, { upSeconds: 60, downSeconds }));
  for (const user of Object.keys(USERS)) {
    const of = (phase: Phase) => figures.sent.filter((each) => each.user === user && each.phase === phase);
    for (const phase of ['up', 'down', 'back'] as const) {
      const each = of(phase);
      const figure = `${user.padEnd(9)} ${phase.padEnd(4)} ${spread(each.map(({ ms }) => ms))}`;
      console.log(
        figure,
        countBy(each, ({ status, injected }) => `${status}${injected ? ' with identity' : ''}`),
      );
    }
    const median = (phase: Phase) =>
      percentile(
        of(phase).map(({ ms }) => ms),
        0.5,
      );
    console.log(`${user.padEnd(9)} p50 down / p50 up: ${(median('down') / median('up')).toFixed(2)}`);
  }
  const { backAfter, withoutIdentity } = figures;
  progress(`pods without identity: ${withoutIdentity}`);
  progress(
    `first pod after the start: ${backAfter.start.toFixed(2)} s, after readiness: ${backAfter.ready.toFixed(2)} s`,
  );
}
