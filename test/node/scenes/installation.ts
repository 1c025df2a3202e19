import { expect, it } from 'vitest';

import { printImage, type Site } from '../harness/site.ts';
import { untilAvailable, untilPod } from '../harness/wait.ts';

/** The namespace of the release. */
export const SYSTEM = 'e2e-system';

/** What a user sees after `helm install`. */
export function installation(here: () => Site): void {
  it('comes to where a pod of its image runs, and shows its log', async () => {
    const site = here();
    await site.createNamespace('e2e-logs');
    const image = printImage(site.image);
    await create(site, 'e2e-logs', {
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

  it.each(['webhook', 'controller'])('has a %s that becomes ready', async (component) => {
    await untilAvailable(here().api, SYSTEM, `tbot-injector-${component}`);
  });

  it('injects a pod that asks, and starts it', async () => {
    const site = here();
    await site.createNamespace('e2e-team', { 'tbot-injector.io/injection': 'enabled' });
    await create(site, 'e2e-team', asking(printImage(site.image)));
    const pod = await untilPod(site.api, 'e2e-team', 'asking', 'Running');
    const injected = expect.stringMatching(/./) as string;
    expect(pod.metadata.annotations).toMatchObject({ 'tbot-injector.io/injected': injected });
  });

  it('passes `helm test`', async () => {
    const test = await here().helm(['test', 'tbot-injector', '--namespace', SYSTEM, '--timeout=50s']);
    expect(test).toMatchObject({ code: 0, stdout: expect.stringContaining('Succeeded') as string });
  });
}

async function create(site: Site, namespace: string, pod: object): Promise<void> {
  const { status, body } = await site.api('POST', `/api/v1/namespaces/${namespace}/pods`, pod);
  expect({ status, body }).toMatchObject({ status: 201 });
}

/** A pod that wants to join Teleport itself, and then does nothing. */
function asking(image: string): object {
  const command = ['/nodejs/bin/node', '--eval', 'setInterval(() => {}, 1000)'];
  return {
    metadata: { name: 'asking', annotations: { 'tbot-injector.io/join': 'app' } },
    spec: { containers: [{ name: 'app', image, command }] },
  };
}
