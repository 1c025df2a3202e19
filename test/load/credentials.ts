/**
 * `node test/load/credentials.ts [namespaces] [shards] [rest seconds]`: namespaces with three outputs each opt in at once.
 * Prints how long that takes to settle, the calls that it costs, the controller's memory; then one namespace more;
 * then what is written at rest.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/harness/cluster.ts';
import { CredentialScene, OUTPUTS } from '../cluster/harness/credential-scene.ts';
import { withCluster } from './cluster.ts';
import { countArgument, inBatches, progress, secondsSince } from './figures.ts';

const RESOURCES = ['secrets', 'rolebindings', 'configmaps', 'deployments', 'events'];

const namespaces = countArgument(2000);
const shards = Number(process.argv[3] ?? 4);
const restSeconds = Number(process.argv[4] ?? 300);

await withCluster(async (cluster) => {
  const scene = await CredentialScene.create(cluster, shards);
  try {
    await scene.startController();
    const names = Array.from({ length: namespaces }, (_, index) => `team-${index}`);
    await inBatches(names, 20, (name) => scene.optIn(name));
    progress(`${namespaces} namespaces opted in`);
    const before = await calls(cluster);
    const began = performance.now();
    await untilListed(namespaces * OUTPUTS.length);
    progress(`all listed ${secondsSince(began)} s after the last of them`);
    progress(`tbot restarts: ${(await restarts()).join(', ')} by shard`);
    await sleep(90_000);
    progress(`calls since then: ${JSON.stringify(difference(before, await calls(cluster)))}`);
    progress(`tbot restarts: ${(await restarts()).join(', ')} by shard, when everything is quiet`);
    progress(`controller: ${await scene.memory()} MiB RSS`);

    const settled = await calls(cluster);
    const one = performance.now();
    await scene.optIn('one-more');
    await untilListed((namespaces + 1) * OUTPUTS.length);
    progress(`one more namespace: ${secondsSince(one)} s`);
    await sleep(90_000);
    progress(`calls for it: ${JSON.stringify(difference(settled, await calls(cluster)))}`);

    const quiet = await calls(cluster);
    await sleep(restSeconds * 1000);
    progress(`at rest for ${restSeconds} s: ${JSON.stringify(difference(quiet, await calls(cluster)))}`);
  } finally {
    await scene.end();
  }

  async function untilListed(count: number): Promise<void> {
    for (;;) {
      let listed = 0;
      for (let shard = 0; shard < shards; shard++) {
        listed += await scene.listed(shard);
      }
      if (listed === count) return;
      await sleep(1_000);
    }
  }

  async function restarts(): Promise<readonly number[]> {
    // The first generation is helm's, the second is the first configuration.
    const counts = Array.from({ length: shards }, async (_, shard) =>
      Math.max(0, (await scene.generation(shard)) - 2),
    );
    return Promise.all(counts);
  }
});

/** Requests that the API server has counted, by resource, and whether they read or write; our own reads left out. */
async function calls(cluster: Cluster): Promise<Readonly<Record<string, number>>> {
  const { body } = await cluster.api('GET', '/metrics');
  const counts: Record<string, number> = {};
  for (const [, labels = '', value] of String(body).matchAll(/^apiserver_request_total\{(.*)\} (\S+)$/gm)) {
    const label = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(labels)?.[1] ?? '';
    const resource = label('resource');
    if (!RESOURCES.includes(resource)) continue;
    const verb = label('verb');
    if (['GET', 'LIST', 'WATCH'].includes(verb)) continue;
    const key = `${verb} ${resource}`;
    counts[key] = (counts[key] ?? 0) + Number(value);
  }
  return counts;
}

function difference(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const changed = Object.entries(after).map(([key, value]) => [key, value - (before[key] ?? 0)] as const);
  return Object.fromEntries(changed.filter(([, value]) => value !== 0));
}
