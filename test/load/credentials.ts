/**
 * `node test/load/credentials.ts [namespaces] [shards] [rest seconds]`: namespaces with three outputs each opt in at once.
 * Prints how long that takes to settle, the calls that it costs, the controller's memory; then one namespace more;
 * then what is written at rest.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import type { Cluster } from '../cluster/harness/cluster.ts';
import { CredentialScene, OUTPUTS } from '../cluster/harness/credential-scene.ts';
import { withCluster } from './cluster.ts';
import { countArgument, progress } from './figures.ts';

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
    await untilListed(cluster, namespaces * OUTPUTS.length);
    progress(`all listed ${seconds(began)} s after the last of them`);
    progress(`tbot restarts: ${(await restarts(cluster)).join(', ')} by shard`);
    await sleep(90_000);
    progress(`calls since then: ${JSON.stringify(difference(before, await calls(cluster)))}`);
    progress(`tbot restarts: ${(await restarts(cluster)).join(', ')} by shard, when everything is quiet`);
    progress(`controller: ${await scene.memory()} MiB RSS`);

    const settled = await calls(cluster);
    const one = performance.now();
    await scene.optIn('one-more');
    await untilListed(cluster, (namespaces + 1) * OUTPUTS.length);
    progress(`one more namespace: ${seconds(one)} s`);
    await sleep(90_000);
    progress(`calls for it: ${JSON.stringify(difference(settled, await calls(cluster)))}`);

    const quiet = await calls(cluster);
    await sleep(restSeconds * 1000);
    progress(`at rest for ${restSeconds} s: ${JSON.stringify(difference(quiet, await calls(cluster)))}`);
  } finally {
    await scene.end();
  }

  async function untilListed(of: Cluster, count: number): Promise<void> {
    for (;;) {
      let listed = 0;
      for (let shard = 0; shard < shards; shard++) {
        const path = `/api/v1/namespaces/tbot-system/configmaps/tbot-injector-bot-shared-${shard}`;
        const { body } = await of.api('GET', path);
        const text = (body as { data?: Record<string, string> }).data?.['tbot.yaml'] ?? '';
        listed += ((parse(text) as { services?: unknown[] } | null)?.services ?? []).length;
      }
      if (listed === count) return;
      await sleep(1_000);
    }
  }

  async function restarts(of: Cluster): Promise<readonly number[]> {
    const counts = Array.from({ length: shards }, async (_, shard) => {
      const { body } = await of.api('GET', scene.deployment(shard));
      // The first generation is helm's, the second is the first configuration.
      return Math.max(0, (body as { metadata: { generation: number } }).metadata.generation - 2);
    });
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

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(1);
}

async function inBatches<T>(all: readonly T[], size: number, work: (one: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < all.length; start += size) {
    await Promise.all(all.slice(start, start + size).map(work));
  }
}
