/**
 * `node test/load/rolling-restarts.ts [restarts]`: two replicas of the webhook behind a balancer are restarted in
 * turn while pods are created at 50 a second. Not one admission may fail.
 */
import type { Cluster } from '../cluster/harness/cluster.ts';
import { ASKS, createPod, isFine, OPTED_IN, type Admission } from './admissions.ts';
import { withCluster } from './cluster.ts';
import { countArgument, countBy, progress, spread } from './figures.ts';
import { startPace } from './pace.ts';
import { startReplicas } from './replicas.ts';

export interface Restarts {
  readonly count: number;
  readonly timeoutSeconds?: number;
  readonly onProgress?: (text: string) => void;
}

export interface RestartFigures {
  readonly admissions: readonly Admission[];
  readonly failed: readonly Admission[];
  readonly connections: number;
}

export async function restartReplicas(cluster: Cluster, restarts: Restarts): Promise<RestartFigures> {
  const { count, timeoutSeconds, onProgress } = restarts;
  const namespace = 'restarts';
  await cluster.createNamespace(namespace, OPTED_IN);
  const replicas = await startReplicas(cluster, { count: 2, timeoutSeconds });
  const admissions: Admission[] = [];
  const pace = startPace({
    perSecond: 50,
    send: async () => {
      admissions.push(await createPod(cluster.api, { namespace, annotations: ASKS }));
    },
  });
  try {
    for (let restart = 1; restart <= count; restart++) {
      await replicas.start();
      const signalled = performance.now();
      await replicas.endOldest('SIGTERM');
      const seconds = ((performance.now() - signalled) / 1000).toFixed(1);
      const failed = admissions.filter((each) => !isFine(each));
      const last = failed.at(-1)?.message ?? '';
      const refused = replicas.balancer.refused();
      onProgress?.(
        `restart ${restart}: ended in ${seconds} s, ${admissions.length} admissions, ${failed.length} failed, ${refused} refused ${last}`,
      );
    }
  } finally {
    await pace.stop();
    await replicas.stop();
  }
  const failed = admissions.filter((each) => !isFine(each));
  return { admissions, failed, connections: replicas.balancer.connections() };
}

if (import.meta.main) {
  const count = countArgument(200);
  const { admissions, failed, connections } = await withCluster((cluster) =>
    restartReplicas(cluster, { count, onProgress: progress }),
  );
  console.log(
    `restarts ${count}  admissions ${admissions.length}  failed ${failed.length}  connections ${connections}`,
  );
  console.log(
    spread(admissions.map(({ ms }) => ms)),
    `${admissions.filter(({ ms }) => ms > 5000).length} over 5 s`,
  );
  console.log(countBy(failed, ({ status, message }) => `${status} ${message}`));
  process.exitCode = failed.length === 0 ? 0 : 1;
}
