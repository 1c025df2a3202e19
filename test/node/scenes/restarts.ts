import { beforeAll, expect, it } from 'vitest';

import { eventually } from '../../cluster/harness/eventually.ts';
import type { TestNode } from '../harness/node.ts';
import { printImage, type Site } from '../harness/site.ts';

/** What becomes of a pod when parts of its node end; on a node of the tests' own only. */
export function restarts(here: () => Site): void {
  let node: TestNode;

  beforeAll(async () => {
    const site = here();
    if (site.node === undefined) throw new Error('these tests break what they run on');
    ({ node } = site);
    await node.createNamespace('e2e-restarts');
    const command = ['/nodejs/bin/node', '--eval', 'setInterval(() => {}, 1000)'];
    await node.api('POST', '/api/v1/namespaces/e2e-restarts/pods', {
      metadata: { name: 'steady' },
      spec: { containers: [{ name: 'app', image: printImage(site.image), command }] },
    });
    await untilRestarted(0);
  });

  it('is counted by the kernel', async () => {
    const { memoryBytes, peakBytes, cpuSeconds } = node.container(await containerId()).usage();
    expect(memoryBytes).toBeGreaterThan(5_000_000);
    expect(peakBytes).toBeGreaterThanOrEqual(memoryBytes);
    expect(cpuSeconds).toBeGreaterThan(0);
  });

  it.each(['kubelet', 'containerd'] as const)(
    'outlives a %s that is killed and started again',
    async (name) => {
      const before = await containerId();
      await node[name].stop('SIGKILL');
      node[name].start();
      await node.untilNodeReady();
      expect(await containerId()).toBe(before);
      expect(await restartCount()).toBe(0);
    },
  );

  it('is started again when its container is killed', async () => {
    const before = await containerId();
    node.container(before).kill();
    await untilRestarted(1);
    expect(await containerId()).not.toBe(before);
  });

  async function untilRestarted(count: number): Promise<void> {
    const isSo = async () => {
      const found = await status();
      return (found.ready && found.restartCount === count) || undefined;
    };
    await eventually(`it runs after ${count} restarts`, isSo, { seconds: 60, everyMs: 100 });
  }

  async function containerId(): Promise<string> {
    return (await status()).containerID;
  }

  async function restartCount(): Promise<number> {
    return (await status()).restartCount;
  }

  async function status(): Promise<ContainerStatus> {
    const { body } = await node.api('GET', '/api/v1/namespaces/e2e-restarts/pods/steady');
    const [found] =
      (body as { status: { containerStatuses?: readonly ContainerStatus[] } }).status.containerStatuses ?? [];
    if (found === undefined) throw new Error('it has no container yet');
    return found;
  }
}

interface ContainerStatus {
  readonly containerID: string;
  readonly restartCount: number;
  readonly ready: boolean;
}
