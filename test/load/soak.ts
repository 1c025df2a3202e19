/**
 * `npm run soak [-- minutes]`: 200 reviews a second of every kind, and namespaces that change, for 15 minutes. Prints
 * memory every 15 s, latency every minute, and whether memory is flat.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/harness/cluster.ts';
import { startReplica, writeWebhookFiles } from '../cluster/harness/webhook.ts';
import { OPTED_IN } from './admissions.ts';
import { withCluster } from './cluster.ts';
import { countArgument, countBy, progress, spread } from './figures.ts';
import { growth, readMemory, type Memory } from './memory.ts';
import { startMixture, type Reviewed } from './mixture.ts';
import { startPace } from './pace.ts';

export interface Soak {
  readonly seconds: number;
  readonly perSecond: number;
  /** Between two measurements of the memory. */
  readonly everySeconds: number;
  readonly onProgress?: (text: string) => void;
}

export interface SoakFigures {
  readonly reviews: number;
  /** Answers other than the expected, by what came. */
  readonly errors: Readonly<Record<string, number>>;
  readonly memory: readonly Memory[];
}

const MINUTE_MS = 60_000;

export async function soak(
  cluster: Cluster,
  { seconds, perSecond, everySeconds, onProgress }: Soak,
): Promise<SoakFigures> {
  await cluster.createNamespace('soak', OPTED_IN);
  const files = await writeWebhookFiles(cluster, 'examples/config.yaml');
  const webhook = await startReplica(files);
  let reviewed: Reviewed[] = [];
  let reviews = 0;
  const errors: Reviewed[] = [];
  const memory: Memory[] = [];
  const mixture = startMixture(webhook.url, files.caBundle, (one) => {
    reviews++;
    reviewed.push(one);
    if (one.found !== one.expected) errors.push(one);
  });
  const paces = [
    startPace({ perSecond, send: mixture.send }),
    startPace({ perSecond: 1, send: () => relabel(cluster) }),
  ];
  try {
    const began = performance.now();
    let minute = began;
    while (performance.now() - began < seconds * 1000) {
      await sleep(everySeconds * 1000);
      const now = await readMemory(webhook, (performance.now() - began) / MINUTE_MS);
      memory.push(now);
      onProgress?.(`RSS ${now.rss.toFixed(1)} MiB  heap ${now.heap.toFixed(1)} MiB  errors ${errors.length}`);
      if (performance.now() - minute < MINUTE_MS) continue;
      minute += MINUTE_MS;
      onProgress?.(`${reviewed.length} reviews  ${spread(reviewed.map(({ ms }) => ms))}`);
      reviewed = [];
    }
  } finally {
    for (const pace of paces) await pace.stop();
    mixture.stop();
    await webhook.end('SIGKILL');
  }
  return {
    reviews,
    errors: countBy(errors, ({ found, expected }) => `${found} in place of ${expected}`),
    memory,
  };
}

/** Gives the watch of namespaces events. */
async function relabel(cluster: Cluster): Promise<void> {
  const patch = { metadata: { labels: { turn: String(Math.round(performance.now())) } } };
  await cluster
    .api('PATCH', '/api/v1/namespaces/soak', patch, 'application/merge-patch+json')
    .catch(() => undefined);
}

if (import.meta.main) {
  const seconds = countArgument(15) * 60;
  const figures = await withCluster((cluster) =>
    soak(cluster, { seconds, perSecond: 200, everySeconds: 15, onProgress: progress }),
  );
  const { reviews, errors, memory } = figures;
  console.log(`reviews ${reviews}  errors`, errors);
  // The first third is the warm-up: code is compiled, the heap finds its size.
  const settled = memory.slice(Math.floor(memory.length / 3));
  for (const kind of ['rss', 'heap'] as const) {
    const perMinute = growth(settled, kind);
    console.log(
      `${kind} grows by ${perMinute.toFixed(3)} MiB a minute: ${perMinute < 0.5 ? 'flat' : 'NOT FLAT'}`,
    );
  }
  process.exitCode = Object.keys(errors).length === 0 && growth(settled, 'rss') < 0.5 ? 0 : 1;
}
