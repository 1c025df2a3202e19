import { findPrograms } from '../../tools/find.ts';
import { startCluster, type Cluster } from '../cluster/harness/cluster.ts';

/** Runs a script's body on a cluster of its own, and stops the cluster however it ends. */
export async function withCluster<T>(run: (cluster: Cluster) => Promise<T>): Promise<T> {
  const found = await findPrograms();
  if (found.kind === 'missing') throw new Error(found.reason);
  const cluster = await startCluster(found.files);
  try {
    return await run(cluster);
  } finally {
    await cluster.stop();
  }
}
