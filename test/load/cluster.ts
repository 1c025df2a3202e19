import { findPrograms, type ProgramFiles } from '../../tools/find.ts';
import { programSets } from '../../tools/programs.ts';
import { Stage } from '../cluster/credentials/stage.ts';
import { startCluster, type Cluster } from '../cluster/harness/cluster.ts';

/** Runs a script's body on a cluster of its own, and stops the cluster however it ends. */
export async function withCluster<T>(run: (cluster: Cluster) => Promise<T>): Promise<T> {
  const cluster = await startCluster(await programs());
  try {
    return await run(cluster);
  } finally {
    await cluster.stop();
  }
}

/** Likewise, with the chart and a record of who writes what. */
export async function withStage(run: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = await Stage.open(await programs());
  try {
    await run(stage);
  } finally {
    await stage.close();
  }
}

async function programs(): Promise<ProgramFiles> {
  const found = await findPrograms(programSets.cluster);
  if (found.kind === 'missing') throw new Error(found.reason);
  return found.files;
}
