/**
 * `node test/load/broken-namespaces.ts [namespaces]`: breaks one namespace after the other, each by another fault, and
 * restarts tbot at once, again and again as a kubelet would: the seconds that all others lose until it is up.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BREAKAGES, type Breakage } from '../cluster/credentials/breakages.ts';
import { CredentialScene, OUTPUTS, servicesOf } from '../cluster/harness/credential-scene.ts';
import { eventually } from '../cluster/harness/eventually.ts';
import { withCluster } from './cluster.ts';
import { countArgument, progress, secondsSince } from './figures.ts';

/** Between two restarts of one tbot the controller lets a minute pass; that is not measured here. */
const APART_MS = 62_000;

const count = countArgument(100);

await withCluster(async (cluster) => {
  const scene = await CredentialScene.create(cluster);
  // In the order of tbot.yaml, so that the broken one is found by tbot's first calls.
  const whole = Array.from({ length: count }, (_, index) => `team-${String(index).padStart(4, '0')}`);
  const broken: string[] = [];
  try {
    const controller = await scene.startController();
    await scene.optIn(...whole);
    await scene.untilUpWith(servicesOf(whole));
    const renewing = performance.now();
    await renewAll();
    progress(`${count} namespaces settled; one round of renewals takes ${secondsSince(renewing)} s`);
    const starting = performance.now();
    await scene.tbot.start();
    progress(`a start of tbot takes ${secondsSince(starting)} s`);
    for (const [name, breakage] of Object.entries(BREAKAGES)) {
      await sleep(APART_MS);
      const team = whole.shift() ?? '';
      broken.push(...servicesOf([team], [...breakage.remaining]));
      const row = await attempt(breakage, team);
      progress(`${name.padEnd(44)}${row}`);
    }

    async function attempt({ harm, remaining }: Breakage, team: string): Promise<string> {
      const desired = [...broken, ...servicesOf(whole)].toSorted().join();
      const before = await scene.generation();
      await harm({ cluster, scene, controller }, team);
      const harmed = performance.now();
      const found: { up?: number; listed?: number; ended: number } = { ended: 0 };
      await eventually(
        'tbot is up with all others, and the broken ones are not in tbot.yaml',
        async () => {
          const began = (performance.now() - harmed) / 1000;
          const start = await scene.tbot.start();
          if (start.kind === 'ended') {
            found.ended++;
            return undefined;
          }
          found.up ??= began;
          if (start.services.toSorted().join() === desired) found.listed = began;
          return found.listed;
        },
        { seconds: 120, everyMs: 20 },
      );
      const [failed, restarted] = await Promise.all([
        renewAll(),
        remaining.length === OUTPUTS.length ? '-' : untilRestarted(before, harmed),
      ]);
      if (failed > 0) throw new Error(`${failed} of the others are not renewed`);
      const print = (value: number | undefined): string => (value ?? Number.NaN).toFixed(1).padStart(4);
      return (
        `${found.ended} starts ended; up after ${print(found.up)} s, with the right list after ${print(found.listed)} s; ` +
        `restarted with it after ${restarted} s`
      );
    }

    /** How many services could not be written. */
    async function renewAll(): Promise<number> {
      return (await scene.tbot.renew()).size;
    }

    async function untilRestarted(before: number, since: number): Promise<string> {
      await eventually(
        'the Deployment is restarted',
        async () => (await scene.generation()) > before || undefined,
        {
          seconds: 120,
        },
      );
      return secondsSince(since);
    }
  } finally {
    await scene.end();
  }
});
