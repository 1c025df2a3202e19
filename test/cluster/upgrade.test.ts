import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { loadClient, type KubernetesClient } from '../../src/kubernetes/client.ts';
import { makeCharts, type Charts } from './harness/charts.ts';
import { startCluster, type Cluster } from './harness/cluster.ts';
import { Release, type HelmWay } from './harness/release.ts';

const MUTATE = 'mutate.tbot-injector.io';
const CHECK = 'check.tbot-injector.io';
const WITHOUT_CHECK = ['--set', 'webhook.check.enabled=false'];

/** How a release is installed, how it is upgraded from then on, and how that is forced. */
const WAYS = {
  'Helm 4': { program: 'helm', install: [], upgrade: [], force: ['--server-side=false', '--force-replace'] },
  'Helm 4, client-side': {
    program: 'helm',
    install: ['--server-side=false'],
    upgrade: [],
    force: ['--force-replace'],
  },
  'Helm 3': { program: 'helm3', install: [], upgrade: [], force: ['--force'] },
  'Helm 4 after Helm 3': {
    first: 'helm3',
    program: 'helm',
    install: [],
    upgrade: ['--server-side=true'],
    force: ['--server-side=false', '--force-replace'],
  },
} as const;

describe.skipIf(inject('programs').kind === 'missing')('an upgrade after the caBundle was written', () => {
  let cluster: Cluster;
  let client: KubernetesClient;
  let charts: Charts;
  let count = 0;

  beforeAll(async () => {
    cluster = await startCluster();
    client = loadClient({ kubeconfig: cluster.kubeconfig });
    charts = await makeCharts(`${cluster.folder}/charts`);
  });

  afterAll(async () => {
    await client.close();
    await cluster.stop();
  });

  const newRelease = (): Release => new Release(`release-${count++}`, client);

  describe.concurrent.each(Object.entries(WAYS))('by %s', (_, way) => {
    const program = (name: 'helm' | 'helm3', flags: readonly string[]): HelmWay => ({
      run: (args) => cluster[name](args),
      flags,
    });
    const helm = program(way.program, way.upgrade);

    async function install(chart: string): Promise<Release> {
      const release = newRelease();
      await release.helm(program('first' in way ? way.first : way.program, way.install), 'install', chart);
      await release.publish('PEM');
      return release;
    }

    it('that changes nothing writes nothing', async () => {
      const release = await install(charts.asItIs);
      // The first one after another Helm takes the fields over.
      if ('first' in way) await release.helm(helm, 'upgrade', charts.asItIs);
      const before = await release.versions();
      await release.helm(helm, 'upgrade', charts.asItIs);
      await release.helm(helm, 'upgrade', charts.asItIs);
      expect(await release.versions()).toEqual(before);
      expect(await release.entries()).toEqual([`${MUTATE}=PEM`, `${CHECK}=PEM`]);
    });

    it('that changes another field keeps it, and so does the way back', async () => {
      const release = await install(charts.asItIs);
      await release.helm(helm, 'upgrade', charts.asItIs, '--set', 'webhook.mutate.timeoutSeconds=7');
      expect(await release.entries()).toEqual([`${MUTATE}=PEM`, `${CHECK}=PEM`]);
      await release.rollBack(helm);
      expect(await release.entries()).toEqual([`${MUTATE}=PEM`, `${CHECK}=PEM`]);
    });

    it('that drops the check drops it', async () => {
      const release = await install(charts.asItIs);
      await release.helm(helm, 'upgrade', charts.asItIs, ...WITHOUT_CHECK);
      expect(await release.entries()).toEqual([`${MUTATE}=PEM`]);
    });

    it.each(['withOneMore', 'withOneMoreBefore'] as const)(
      'that drops one of two entries drops it (%s)',
      async (two) => {
        const release = await install(charts[two]);
        await release.helm(helm, 'upgrade', charts.asItIs);
        expect(await release.entries()).toEqual([`${MUTATE}=PEM`, `${CHECK}=PEM`]);
        await release.rollBack(helm);
        expect((await release.entries()).toSorted()).toEqual([
          `${CHECK}=PEM`,
          'extra.tbot-injector.io=',
          `${MUTATE}=PEM`,
        ]);
      },
    );

    it('that renames an entry renames it, and the new one awaits its caBundle', async () => {
      const release = await install(charts.asItIs);
      await release.helm(helm, 'upgrade', charts.renamed);
      expect(await release.entries()).toEqual(['mutate-pods.tbot-injector.io=', `${CHECK}=PEM`]);
      await release.publish('PEM');
      expect(await release.entries()).toEqual(['mutate-pods.tbot-injector.io=PEM', `${CHECK}=PEM`]);
      await release.rollBack(helm);
      expect(await release.entries()).toEqual([`${MUTATE}=`, `${CHECK}=PEM`]);
    });

    it('that is forced empties all of them, and publishing again repairs them', async () => {
      const release = await install(charts.asItIs);
      await release.helm(program(way.program, way.force), 'upgrade', charts.asItIs);
      expect(await release.entries()).toEqual([`${MUTATE}=`, `${CHECK}=`]);
      await release.publish('PEM');
      expect(await release.entries()).toEqual([`${MUTATE}=PEM`, `${CHECK}=PEM`]);
    });
  });

  it('by server-side apply would fail: that is why a JSON Patch writes it', async () => {
    const helm4: HelmWay = { run: (args) => cluster.helm(args), flags: [] };
    const release = newRelease();
    await release.helm(helm4, 'install', charts.withOneMore);
    await release.publishByApply('PEM');
    const failure = 'webhooks[1].sideEffects: Required value';
    await expect(release.helm(helm4, 'upgrade', charts.asItIs)).rejects.toThrow(failure);
    await expect(release.helm(helm4, 'upgrade', charts.renamed)).rejects.toThrow(
      'sideEffects: Required value',
    );
  });
});
