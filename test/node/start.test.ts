import { beforeAll, describe, expect, inject, it } from 'vitest';

import { eventually } from '../cluster/harness/eventually.ts';
import { Installation } from '../cluster/harness/installation.ts';
import { startNode, type TestNode } from './harness/node.ts';

const IMAGE = 'tbot-injector:0.1.0';

describe.skipIf(inject('node').kind === 'missing')('a node', { timeout: 120_000 }, () => {
  let node: TestNode;

  beforeAll(async () => {
    node = await startNode();
    return () => node.stop();
  }, 240_000);

  it('runs a pod of the image of the program, and shows its log', async () => {
    await node.createNamespace('logs');
    const { code, stderr } = await node.kubectl(
      ['apply', '--namespace', 'logs', '--filename', '-'],
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'version' },
        spec: {
          restartPolicy: 'Never',
          containers: [{ name: 'version', image: IMAGE, args: ['--version'] }],
        },
      }),
    );
    expect(code, stderr).toBe(0);
    await untilPod('logs', 'version', 'Succeeded');
    const log = await node.kubectl(['logs', '--namespace', 'logs', 'version']);
    expect(log).toMatchObject({ code: 0, stdout: expect.stringContaining('0.1.0') as string });
  });

  describe('with the chart, as a user installs it', () => {
    let installation: Installation;

    beforeAll(async () => {
      installation = new Installation(node, 'tbot-system');
      await node.createNamespace('team', { 'tbot-injector.io/injection': 'enabled' });
      await installation.install();
    });

    it.each(['webhook', 'controller'])('has a %s that becomes ready', async (component) => {
      const { code, stdout, stderr } = await node.kubectl([
        'rollout',
        'status',
        `deployment/tbot-injector-${component}`,
        '--namespace=tbot-system',
        '--timeout=55s',
      ]);
      expect({ code, stdout, stderr }).toMatchObject({ code: 0 });
    });

    it('injects a pod that asks, and starts it', async () => {
      await eventually('the webhook takes pods', async () => {
        const { status } = await node.api('POST', '/api/v1/namespaces/team/pods', ASKING);
        return status === 201 || undefined;
      });
      const pod = await untilPod('team', 'asking', 'Running');
      expect(pod.metadata.annotations).toMatchObject({
        'tbot-injector.io/injected': expect.any(String) as string,
      });
    });
  });

  async function untilPod(namespace: string, name: string, phase: string): Promise<Pod> {
    return eventually(
      `pod ${name} is ${phase}`,
      async () => {
        const { body } = await node.api('GET', `/api/v1/namespaces/${namespace}/pods/${name}`);
        return (body as Pod).status.phase === phase ? (body as Pod) : undefined;
      },
      { seconds: 60 },
    );
  }
});

interface Pod {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly status: { readonly phase: string };
}

const ASKING = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'asking', annotations: { 'tbot-injector.io/join': 'app' } },
  spec: {
    containers: [
      {
        name: 'app',
        image: IMAGE,
        command: ['/nodejs/bin/node', '--eval', 'setInterval(() => {}, 1000)'],
      },
    ],
  },
};
