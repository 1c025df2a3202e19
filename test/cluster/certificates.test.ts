import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { readCertificates } from '../../src/certificates/certificate.ts';
import {
  createCertificateStore,
  type CertificateStore,
} from '../../src/controller/certificates/certificate-store.ts';
import { namesOfRelease } from '../../src/controller/names.ts';
import { loadClient, type KubernetesClient } from '../../src/kubernetes/client.ts';
import { inspectServing, TestKeeper } from '../controller/certificates/certificate-world.ts';
import { Killed, killing } from '../controller/certificates/killing-store.ts';
import {
  configurationPaths,
  installConfigurations,
  readState,
  replaceSecret,
  secretPath,
  type Configuration,
} from './harness/certificate-state.ts';
import { type Cluster, startCluster } from './harness/cluster.ts';
import { createControllerAccount, type Release } from './harness/controller-account.ts';

const START = new Date('2026-03-01T00:00:00Z');
const COLD_START = 'store-authority:no-ca publish issue:no-leaf rest';

describe.skipIf(inject('programs').kind === 'missing')(
  'certificates in a cluster',
  { timeout: 120_000 },
  () => {
    let cluster: Cluster;
    let releases = 0;
    let release: Release;
    const clients: KubernetesClient[] = [];

    beforeAll(async () => {
      cluster = await startCluster();
    });

    afterAll(async () => {
      for (const client of clients) await client.close();
      await cluster.stop();
    });

    beforeEach(async () => {
      release = { namespace: 'tbot-system', fullname: `release-${++releases}` };
      await installConfigurations(cluster, release);
    });

    /** With the rights of the controller and no others. */
    async function openStore(): Promise<CertificateStore> {
      const file = join(cluster.folder, `${release.fullname}.yaml`);
      await writeFile(file, await createControllerAccount(cluster, release));
      const client = loadClient({ kubeconfig: file });
      clients.push(client);
      const { namespace, fullname } = release;
      return createCertificateStore({ client, namespace, names: namesOfRelease(fullname) });
    }

    /** Reads everything back, and has every entry trust what is served at `now`. */
    async function expectServing({ now }: TestKeeper): Promise<number> {
      const state = await readState(cluster, release);
      expect(state.bundles).toHaveLength(3);
      for (const bundle of state.bundles) {
        expect(inspectServing(state.serving, bundle, now)).toMatchObject({ kind: 'valid' });
      }
      const read = readCertificates(state.bundles[0] ?? '');
      return read.kind === 'read' ? read.certificates.length : 0;
    }

    it('are made, and of the webhook configurations nothing but caBundle is touched', async () => {
      const before = await readConfigurations();
      const keeper = new TestKeeper(await openStore(), START);
      expect(await keeper.pass()).toBe(COLD_START);
      expect(await expectServing(keeper)).toBe(1);
      expect(await keeper.pass()).toBe('rest');
      const after = await readConfigurations();
      expect(after.map(withoutBundles)).toEqual(before.map(withoutBundles));
    });

    it('go through a whole roll, though whoever keeps them dies before and after each write', async () => {
      const store = killing(await openStore());
      const keeper = new TestKeeper(store, START);
      let deaths = 0;
      const steps = new Set<string>();
      const live = async (): Promise<void> => {
        for (let life = 0; life < 30; life++) {
          try {
            await keeper.pass();
            return;
          } catch (error) {
            if (!(error instanceof Killed)) throw error;
            deaths++;
            store.revive();
            keeper.restart();
            const { authority, bundles } = await readState(cluster, release);
            const read = readCertificates(bundles[0] ?? '');
            steps.add(
              `${authority?.['next.crt'] === undefined ? 'one CA' : 'two CAs'}, ${read.kind === 'read' ? read.certificates.length : 0} published`,
            );
          }
        }
        throw new Error('no pass has survived');
      };
      await live();
      const published: number[] = [];
      for (let day = 0; day < 300; day += 15) {
        keeper.waitDays(15);
        await live();
        // What is published is held, and seen to be: thrice, for a death forgets what was seen.
        for (let round = 0; round < 3; round++) {
          keeper.settle();
          await live();
        }
        published.push(await expectServing(keeper));
      }
      expect(published.at(0)).toBe(1);
      expect(Math.max(...published)).toBe(2);
      expect(published.at(-1)).toBe(1);
      expect(steps).toEqual(
        new Set([
          'one CA, 0 published',
          'one CA, 1 published',
          'two CAs, 1 published',
          'two CAs, 2 published',
          'one CA, 2 published',
        ]),
      );
      expect(deaths).toBeGreaterThan(40);
    }, 240_000);

    it.each<[string, () => Promise<unknown>]>([
      ['the serving Secret is deleted', () => cluster.api('DELETE', secretPath(release, 'servingSecret'))],
      [
        'the serving Secret is emptied',
        () => replaceSecret(cluster, secretPath(release, 'servingSecret'), {}),
      ],
      [
        'the serving Secret is garbage',
        () =>
          replaceSecret(cluster, secretPath(release, 'servingSecret'), {
            'tls.crt': '\u0000',
            'tls.key': 'x',
          }),
      ],
      ['the CA Secret is deleted', () => cluster.api('DELETE', secretPath(release, 'caSecret'))],
      ['the CA Secret is emptied', () => replaceSecret(cluster, secretPath(release, 'caSecret'), {})],
      [
        'the CA Secret is garbage',
        () => replaceSecret(cluster, secretPath(release, 'caSecret'), { 'ca.crt': 'x', 'ca.key': '\u0000' }),
      ],
      [
        'both are deleted, and the configurations installed anew',
        async () => {
          for (const path of configurationPaths(release)) await cluster.api('DELETE', path);
          await cluster.api('DELETE', secretPath(release, 'caSecret'));
          await cluster.api('DELETE', secretPath(release, 'servingSecret'));
          await installConfigurations(cluster, release);
        },
      ],
    ])('serve after one pass where %s', async (_fault, harm) => {
      const keeper = new TestKeeper(await openStore(), START);
      await keeper.pass();
      await harm();
      await keeper.pass();
      await expectServing(keeper);
    });

    it.each([366, 400, -2 / 24])(
      'serve after one pass where the clock jumps by %d days, and back',
      async (days) => {
        const keeper = new TestKeeper(await openStore(), START);
        await keeper.pass();
        keeper.jumpDays(days);
        await keeper.pass();
        await expectServing(keeper);
        keeper.jumpDays(-days);
        await keeper.pass();
        await expectServing(keeper);
      },
    );

    it('are one CA and one leaf, though three keepers believe to lead', async () => {
      const keepers = [];
      for (let count = 0; count < 3; count++) keepers.push(new TestKeeper(await openStore(), START));
      for (const harm of [undefined, 'servingSecret', 'caSecret'] as const) {
        if (harm !== undefined) await cluster.api('DELETE', secretPath(release, harm));
        const passes = await Promise.allSettled(keepers.map((keeper) => keeper.pass()));
        expect(passes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
        const [first] = keepers;
        if (first === undefined) throw new Error('there is no keeper');
        const before = await readState(cluster, release);
        expect(await expectServing(first)).toBe(harm === 'caSecret' ? 2 : 1);
        expect(new Set(before.bundles).size).toBe(1);
        for (const keeper of keepers) await keeper.pass();
        expect(await readState(cluster, release)).toEqual(before);
      }
    });

    it('are published again where somebody else has written, emptied or exchanged entries', async () => {
      const keeper = new TestKeeper(await openStore(), START);
      await keeper.pass();
      const [path = ''] = configurationPaths(release);
      const { body } = await cluster.api('GET', path);
      const { webhooks } = body as Configuration;
      const turned = { ...(body as object), webhooks: webhooks.toReversed() };
      expect((await cluster.api('PUT', path, turned)).status).toBe(200);
      expect(await keeper.pass()).toBe('rest');
      const emptied = [{ op: 'remove', path: '/webhooks/1/clientConfig/caBundle' }];
      await cluster.api('PATCH', path, emptied, 'application/json-patch+json');
      expect(await keeper.pass()).toBe('publish rest');
      await expectServing(keeper);
    });

    it('are not published into an entry that has moved since it was read', async () => {
      const store = await openStore();
      const keeper = new TestKeeper(store, START);
      await keeper.pass();
      const { configurations } = await store.read();
      const [path = ''] = configurationPaths(release);
      const dropped = [{ op: 'remove', path: '/webhooks/0' }];
      await cluster.api('PATCH', path, dropped, 'application/json-patch+json');
      await expect(store.publish('other', configurations)).rejects.toMatchObject({ code: 'conflict' });
      const { bundles } = await readState(cluster, release);
      expect(bundles[0]).not.toBe('other');
    });

    it("are nobody else's to read or write with the rights of the controller", async () => {
      await openStore();
      const client = clients.at(-1);
      if (client === undefined) throw new Error('there is no client');
      const other = '/api/v1/namespaces/tbot-system/secrets';
      await expect(client.getJson(other)).rejects.toMatchObject({ code: 'forbidden' });
      await expect(client.getJson(`${other}/other`)).rejects.toMatchObject({ code: 'forbidden' });
      const secret = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'other', namespace: 'tbot-system' },
      };
      const creation = client.patchJson(`${other}/other`, { kind: 'apply', body: secret });
      await expect(creation).rejects.toMatchObject({ code: 'forbidden' });
    });

    async function readConfigurations(): Promise<readonly Configuration[]> {
      const read: Configuration[] = [];
      for (const path of configurationPaths(release))
        read.push((await cluster.api('GET', path)).body as Configuration);
      return read;
    }
  },
);

/** Without what any write changes, and without what is ours. */
function withoutBundles(configuration: Configuration): object {
  const copy = structuredClone(configuration) as unknown as {
    metadata: Record<string, unknown>;
    webhooks: { clientConfig: Record<string, unknown> }[];
  };
  for (const field of ['resourceVersion', 'generation', 'managedFields']) copy.metadata[field] = 'any';
  for (const { clientConfig } of copy.webhooks) clientConfig['caBundle'] = 'ours';
  return copy;
}
