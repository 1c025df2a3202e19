import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Cluster, startCluster } from './harness/cluster.ts';
import { installCrds } from './harness/crds.ts';
import { CHART, Installation, type KubernetesObject, type Way } from './harness/installation.ts';

const EXAMPLES = join(CHART, 'examples');
const TEAM_BOTS = join(EXAMPLES, 'team-bots.yaml');

/** Every way in which a user may begin. */
const WAYS: Readonly<Record<string, Way>> = {
  'the required values': {},
  'the required values, by Helm 3': { helm: 'helm3' },
  'bots, by Helm 3': { helm: 'helm3', valueFiles: [TEAM_BOTS] },
  'high availability': { valueFiles: [join(CHART, 'values-ha.yaml'), TEAM_BOTS] },
  ...Object.fromEntries(
    readdirSync(EXAMPLES).map((file) => [`examples/${file}`, { valueFiles: [join(EXAMPLES, file)] }]),
  ),
};

describe.skipIf(inject('programs').kind === 'missing')('an installation', () => {
  let cluster: Cluster;
  let listable: string;
  let count = 0;

  beforeAll(async () => {
    cluster = await startCluster();
    await installCrds(cluster);
    const { stdout } = await cluster.kubectl(['api-resources', '--verbs=list,delete', '--output=name']);
    listable = stdout
      .trim()
      .replaceAll('\n', ',')
      .replace('events,', '')
      .replace(',events.events.k8s.io', '');
  });

  afterAll(() => cluster.stop());

  describe.each(Object.entries(WAYS))('with %s', (_, way) => {
    let before: readonly string[];
    let installation: Installation;

    beforeAll(async () => {
      installation = new Installation(cluster, `install-${count++}`, way);
      before = await everything();
      await installation.install();
    });

    it('starts pods that Pod Security "restricted" admits without a warning', async () => {
      const objects = [...(await installation.manifest()), ...(await installation.hooks())];
      const pods = objects.flatMap(podsOf);
      expect(pods.length).toBeGreaterThanOrEqual(3);
      for (const pod of pods) {
        const path = `/api/v1/namespaces/${installation.namespace}/pods?dryRun=All`;
        const { status, body, warnings } = await cluster.api('POST', path, pod);
        expect({ status, body, warnings }).toMatchObject({ status: 201, warnings: [] });
      }
    });

    it('is upgraded without writing anything', async () => {
      const versions = await resourceVersions(installation);
      await installation.helm('upgrade');
      await installation.helm('upgrade');
      expect(await resourceVersions(installation)).toEqual(versions);
    });

    it('is gone after an uninstall', async () => {
      await installation.uninstall();
      const left = (await everything()).filter((name) => !before.includes(name));
      const namespace = installation.namespace;
      expect(left).toEqual([`namespace/${namespace}`, `serviceaccount/default -n ${namespace}`].toSorted());
    });
  });

  it.each(['helm', 'helm3'] as const)(
    'uninstalled by %s loses its webhook entries before its webhook',
    async (helm) => {
      const installation = new Installation(cluster, `order-${helm}`, { helm, valueFiles: [TEAM_BOTS] });
      await installation.install();
      const seen: string[] = [];
      const uninstall = installation.uninstall().then(() => true);
      do {
        seen.push((await isThere(DEPLOYMENT(installation))) ? await entriesThere() : 'over');
      } while (!(await Promise.race([uninstall, sleep(5).then(() => false)])));
      // Helm 3's hook puts them back for a moment, which counts as long as the webhook is there.
      expect(seen.findLast((each) => each !== 'over')).toBe('without entries');
      expect(await entriesThere()).toBe('without entries');
    },
  );

  async function isThere(path: string): Promise<boolean> {
    const { status, body } = await cluster.api('GET', path);
    return status === 200 && (body as KubernetesObject).metadata.deletionTimestamp === undefined;
  }

  async function entriesThere(): Promise<'with entries' | 'without entries'> {
    const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/tbot-injector';
    return (await isThere(path)) ? 'with entries' : 'without entries';
  }

  /** Every object of the cluster, as `kind/name -n namespace`. */
  async function everything(): Promise<readonly string[]> {
    const columns = 'KIND:.kind,NAME:.metadata.name,NAMESPACE:.metadata.namespace';
    const args = [
      'get',
      listable,
      '--all-namespaces',
      '--no-headers',
      '--output',
      `custom-columns=${columns}`,
    ];
    const { code, stdout, stderr } = await cluster.kubectl(args);
    if (code !== 0) throw new Error(stderr);
    return stdout
      .trim()
      .split('\n')
      .map((line) => {
        const [kind = '', name = '', namespace = ''] = line.split(/\s+/);
        return `${kind.toLowerCase()}/${name}${namespace === '<none>' ? '' : ` -n ${namespace}`}`;
      })
      .toSorted();
  }

  async function resourceVersions(installation: Installation): Promise<readonly string[]> {
    const { code, stdout, stderr } = await cluster.kubectl(
      ['get', '--filename', '-', '--output', 'json', '--namespace', installation.namespace],
      (await installation.manifest()).map((object) => JSON.stringify(object)).join('\n'),
    );
    if (code !== 0) throw new Error(stderr);
    const { items } = JSON.parse(stdout) as { items: readonly KubernetesObject[] };
    return items.map(({ kind, metadata }) => `${kind}/${metadata.name} ${metadata.resourceVersion ?? ''}`);
  }
});

const DEPLOYMENT = ({ namespace }: Installation): string =>
  `/apis/apps/v1/namespaces/${namespace}/deployments/tbot-injector-webhook`;

/** The pods that an object starts. */
function podsOf(object: KubernetesObject): readonly object[] {
  if (object.kind === 'Pod') return [{ metadata: object.metadata, spec: object['spec'] }];
  if (object.kind !== 'Deployment') return [];
  const { template } = object['spec'] as { template: { metadata: object; spec: object } };
  return [{ metadata: { ...template.metadata, name: object.metadata.name }, spec: template.spec }];
}
