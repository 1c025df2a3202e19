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
import { inspectServing, TestRotation } from '../controller/certificates/test-rotation.ts';
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

    /** Reads everything back, and expects every entry to trust what is served at `now`. */
    async function expectServing({ now }: TestRotation): Promise<number> {
      const state = await readState(cluster, release);
      expect(state.bundles).toHaveLength(3);
      for (const bundle of state.bundles) {
        expect(inspectServing(state.serving, bundle, now)).toMatchObject({ kind: 'valid' });
      }
      const read = readCertificates(state.bundles[0] ?? '');
      return read.kind === 'read' ? read.certificates.length : 0;
    }

    it('are issued, and nothing but caBundle changes in the webhook configurations', async () => {
      const before = await readConfigurations();
      const rotation = new TestRotation(await openStore(), START);
      expect(await rotation.rotate()).toBe(COLD_START);
      expect(await expectServing(rotation)).toBe(1);
      expect(await rotation.rotate()).toBe('rest');
      const after = await readConfigurations();
      expect(after.map(withoutBundles)).toEqual(before.map(withoutBundles));
    });

    it('go through a whole roll even if the controller is killed before and after each write', async () => {
      const store = killing(await openStore());
      const rotation = new TestRotation(store, START);
      let kills = 0;
      const steps = new Set<string>();
      const live = async (): Promise<void> => {
        for (let life = 0; life < 30; life++) {
          try {
            await rotation.rotate();
            return;
          } catch (error) {
            if (!(error instanceof Killed)) throw error;
            kills++;
            store.revive();
            rotation.restart();
            const { authority, bundles } = await readState(cluster, release);
            const read = readCertificates(bundles[0] ?? '');
            steps.add(
              `${authority?.['next.crt'] === undefined ? 'one CA' : 'two CAs'}, ${read.kind === 'read' ? read.certificates.length : 0} published`,
            );
          }
        }
        throw new Error('no rotation has survived');
      };
      await live();
      const published: number[] = [];
      for (let day = 0; day < 300; day += 15) {
        rotation.waitDays(15);
        await live();
        // The published bundle has to be seen three times, because a kill forgets what was seen.
        for (let round = 0; round < 3; round++) {
          rotation.settle();
          await live();
        }
        published.push(await expectServing(rotation));
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
      expect(kills).toBeGreaterThan(40);
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
        'both are deleted, and the configurations are installed again',
        async () => {
          for (const path of configurationPaths(release)) await cluster.api('DELETE', path);
          await cluster.api('DELETE', secretPath(release, 'caSecret'));
          await cluster.api('DELETE', secretPath(release, 'servingSecret'));
          await installConfigurations(cluster, release);
        },
      ],
    ])('serve after one rotation if %s', async (_fault, harm) => {
      const rotation = new TestRotation(await openStore(), START);
      await rotation.rotate();
      await harm();
      await rotation.rotate();
      await expectServing(rotation);
    });

    it.each([366, 400, -2 / 24])(
      'serve after one rotation if the clock jumps by %d days, and back',
      async (days) => {
        const rotation = new TestRotation(await openStore(), START);
        await rotation.rotate();
        rotation.jumpDays(days);
        await rotation.rotate();
        await expectServing(rotation);
        rotation.jumpDays(-days);
        await rotation.rotate();
        await expectServing(rotation);
      },
    );

    it('are one CA and one leaf even if three controllers lead at once', async () => {
      const rotations = [];
      for (let count = 0; count < 3; count++) rotations.push(new TestRotation(await openStore(), START));
      for (const harm of [undefined, 'servingSecret', 'caSecret'] as const) {
        if (harm !== undefined) await cluster.api('DELETE', secretPath(release, harm));
        const results = await Promise.allSettled(rotations.map((rotation) => rotation.rotate()));
        expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
        const [first] = rotations;
        if (first === undefined) throw new Error('there is no rotation');
        const before = await readState(cluster, release);
        expect(await expectServing(first)).toBe(harm === 'caSecret' ? 2 : 1);
        expect(new Set(before.bundles).size).toBe(1);
        for (const rotation of rotations) await rotation.rotate();
        expect(await readState(cluster, release)).toEqual(before);
      }
    });

    it('are published again after another writer has changed, emptied or reordered entries', async () => {
      const rotation = new TestRotation(await openStore(), START);
      await rotation.rotate();
      const [path = ''] = configurationPaths(release);
      const { body } = await cluster.api('GET', path);
      const { webhooks } = body as Configuration;
      const turned = { ...(body as object), webhooks: webhooks.toReversed() };
      expect((await cluster.api('PUT', path, turned)).status).toBe(200);
      expect(await rotation.rotate()).toBe('rest');
      const emptied = [{ op: 'remove', path: '/webhooks/1/clientConfig/caBundle' }];
      await cluster.api('PATCH', path, emptied, 'application/json-patch+json');
      expect(await rotation.rotate()).toBe('publish rest');
      await expectServing(rotation);
    });

    it('are not published into an entry that has moved since it was read', async () => {
      const store = await openStore();
      const rotation = new TestRotation(store, START);
      await rotation.rotate();
      const { configurations } = await store.read();
      const [path = ''] = configurationPaths(release);
      const dropped = [{ op: 'remove', path: '/webhooks/0' }];
      await cluster.api('PATCH', path, dropped, 'application/json-patch+json');
      await expect(store.publish('other', configurations)).rejects.toMatchObject({ code: 'conflict' });
      const { bundles } = await readState(cluster, release);
      expect(bundles[0]).not.toBe('other');
    });

    it('are the only Secrets that the rights of the controller reach', async () => {
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
