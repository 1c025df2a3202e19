import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startCluster, type Cluster } from './harness/cluster.ts';
import type { ControllerProcess } from './harness/controller-process.ts';
import { ControllerScene } from './harness/controller-scene.ts';

describe.skipIf(inject('programs').kind === 'missing')(
  'a configuration that is edited under a controller',
  () => {
    let cluster: Cluster;
    let scene: ControllerScene;
    let file: string;
    let valid: string;
    let controller: ControllerProcess;

    beforeAll(async () => {
      cluster = await startCluster();
      scene = await ControllerScene.create(cluster);
      file = join(cluster.folder, 'config.yaml');
      valid = await readFile('examples/config.yaml', 'utf8');
      await writeFile(file, valid);
      controller = scene.start({ config: file });
      await scene.untilReady(controller);
      await scene.untilLeads(controller);
    });

    afterAll(async () => {
      await scene.end();
      await cluster.stop();
    });

    it('to an invalid one is reported by metric, Event and log', async () => {
      await writeFile(file, valid.replace('proxyServer:', 'proxyServr:'));
      const [event] = await scene.until('an Event', async () =>
        nonEmpty(await events('ConfigurationInvalid')),
      );
      expect(event).toMatchObject({
        type: 'Warning',
        regarding: { name: `${scene.release.fullname}-config` },
      });
      expect(event?.note).toContain('What the running pods were started with stays in force');
      expect(event?.note).toContain('- teleport.proxyServr: found');
      expect(await controller.metric('tbot_injector_config_problems')).toBeGreaterThan(0);
      expect(await controller.metric('tbot_injector_config_current')).toBe(0);
      expect(controller.messages()).toContain(
        'configuration has changed and cannot be used; the one before stays in force',
      );
      expect(controller.ended()).toBeUndefined();
      expect((await controller.readiness())?.status).toBe(200);
      expect(controller.isLeading()).toBe(true);
    });

    it('and is invalid does not stop the controller: a newly labelled namespace gets its credentials', async () => {
      await cluster.createNamespace('labelled-later', { 'tbot-injector.io/injection': 'enabled' });
      await scene.until('its Secret', async () => {
        const path = '/api/v1/namespaces/labelled-later/secrets/identity-output';
        return (await cluster.api('GET', path)).status === 200 || undefined;
      });
    });

    it('and is valid again is reported as valid', async () => {
      await writeFile(file, valid);
      await scene.until('an Event', async () => nonEmpty(await events('ConfigurationValid')));
      expect(await controller.metric('tbot_injector_config_problems')).toBe(0);
      expect(await controller.metric('tbot_injector_config_current')).toBe(1);
    });

    async function events(reason: string): Promise<readonly Note[]> {
      const path = `/apis/events.k8s.io/v1/namespaces/${scene.release.namespace}/events`;
      const { body } = await cluster.api('GET', path);
      return (body as { items: readonly Note[] }).items.filter((each) => each.reason === reason);
    }
  },
);

interface Note {
  readonly type: string;
  readonly reason: string;
  readonly note: string;
  readonly regarding: { readonly name: string };
}

function nonEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}
