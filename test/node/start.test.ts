import { beforeAll, describe, expect, inject, it } from 'vitest';

import { Installation } from '../cluster/harness/installation.ts';
import { openSite, printImage, type Site } from './harness/site.ts';
import { untilAvailable, untilPod } from './harness/wait.ts';

describe.skipIf(inject('stage').kind === 'missing')('a cluster with a kubelet', { timeout: 120_000 }, () => {
  let site: Site;

  beforeAll(async () => {
    site = await openSite();
    return () => site.stop();
  }, 240_000);

  it('runs a pod of the image of the program, and shows its log', async () => {
    await site.createNamespace('e2e-logs');
    const image = printImage(site.image);
    await create('e2e-logs', {
      metadata: { name: 'version' },
      spec: { restartPolicy: 'Never', containers: [{ name: 'version', image, args: ['--version'] }] },
    });
    await untilPod(site.api, 'e2e-logs', 'version', 'Succeeded');
    const log = await site.kubectl(['logs', '--namespace', 'e2e-logs', 'version']);
    expect(log).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^tbot-injector \d+\.\d+\.\d+/) as string,
    });
  });

  describe('with the chart, as a user installs it', () => {
    let installation: Installation;

    beforeAll(async () => {
      installation = new Installation(site, 'e2e-system', { values: { image: site.image } });
      await site.createNamespace('e2e-team', { 'tbot-injector.io/injection': 'enabled' });
      await installation.install();
      return () => installation.uninstall();
    });

    it.each(['webhook', 'controller'])('has a %s that becomes ready', async (component) => {
      await untilAvailable(site.api, 'e2e-system', `tbot-injector-${component}`);
    });

    it('injects a pod that asks, and starts it', async () => {
      await create('e2e-team', asking(printImage(site.image)));
      const pod = await untilPod(site.api, 'e2e-team', 'asking', 'Running');
      const injected = expect.stringMatching(/./) as string;
      expect(pod.metadata.annotations).toMatchObject({ 'tbot-injector.io/injected': injected });
    });

    it('passes `helm test`', async () => {
      const test = await site.helm(['test', 'tbot-injector', '--namespace', 'e2e-system', '--timeout=50s']);
      expect(test).toMatchObject({ code: 0, stdout: expect.stringContaining('Succeeded') as string });
    });
  });

  async function create(namespace: string, pod: object): Promise<void> {
    const { status, body } = await site.api('POST', `/api/v1/namespaces/${namespace}/pods`, pod);
    expect({ status, body }).toMatchObject({ status: 201 });
  }
});

/** A pod that wants to join Teleport itself, and then does nothing. */
function asking(image: string): object {
  const command = ['/nodejs/bin/node', '--eval', 'setInterval(() => {}, 1000)'];
  return {
    metadata: { name: 'asking', annotations: { 'tbot-injector.io/join': 'app' } },
    spec: { containers: [{ name: 'app', image, command }] },
  };
}
