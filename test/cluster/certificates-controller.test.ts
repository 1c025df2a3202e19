import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it, type TestContext } from 'vitest';
import { LEASE_SETTINGS } from '../../src/kubernetes/lease.ts';
import { configurationPaths, installConfigurations, replaceSecret } from './harness/certificate-state.ts';
import { type Cluster, startCluster } from './harness/cluster.ts';
import { ControllerScene } from './harness/controller-scene.ts';

describe.skipIf(inject('programs').kind === 'missing')('the controller process', { timeout: 240_000 }, () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster();
  });

  afterAll(async () => {
    await cluster.stop();
  });

  async function newScene({ onTestFinished }: TestContext): Promise<ControllerScene> {
    const made = await ControllerScene.create(cluster);
    onTestFinished(() => made.end());
    return made;
  }

  // They wait for each other's leases to run out: together that takes no longer than alone.
  describe.concurrent('of several', () => {
    it('takes over from a killed leader when the lease has expired', async (context) => {
      const scene = await newScene(context);
      const { leader, successor } = await scene.startPair();
      const before = await scene.state();
      await leader.stop('SIGKILL');
      const killed = performance.now();
      await cluster.api('DELETE', scene.secret('servingSecret'));
      await scene.untilLeads(successor);
      // The last renewal was an attempt or two before.
      expect(performance.now() - killed).toBeGreaterThan(LEASE_SETTINGS.durationMs / 2);
      await scene.untilServing();
      expect((await scene.state()).authority?.['ca.crt']).toBe(before.authority?.['ca.crt']);
    });

    it('hands over at once when it is stopped, and ends with 0', async (context) => {
      const scene = await newScene(context);
      const { leader, successor } = await scene.startPair();
      await leader.stop();
      expect(leader.ended()).toBe('it ended with 0');
      expect(leader.messages().slice(-3)).toEqual(['stopping', 'lease handed over', 'closed']);
      await scene.untilLeads(successor);
    });

    it('stops leading after a freeze in which another one took over', async (context) => {
      const scene = await newScene(context);
      const { leader, successor } = await scene.startPair();
      leader.signal('SIGSTOP');
      await cluster.api('DELETE', scene.secret('caSecret'));
      await scene.untilLeads(successor);
      await scene.until('the successor has repaired it', async () => (await scene.state()).authority);
      leader.signal('SIGCONT');
      await scene.until('it leads no longer', () => !leader.isLeading() || undefined);
      await scene.untilServing();
      await sleep(3 * LEASE_SETTINGS.retryMs);
      expect([leader.isLeading(), successor.isLeading()]).toEqual([false, true]);
      expect(await scene.servingFault()).toBeUndefined();
    });

    it('repairs faults that came while it was frozen alone', async (context) => {
      const scene = await newScene(context);
      const [controller] = await scene.startLeading(1);
      controller?.signal('SIGSTOP');
      await cluster.api('DELETE', scene.secret('servingSecret'));
      await sleep(LEASE_SETTINGS.durationMs + 3_000);
      expect(await scene.servingFault()).toBeDefined();
      controller?.signal('SIGCONT');
      await scene.untilServing();
    });

    it.for([400 * 86_400_000, -2 * 3_600_000])(
      'follows the clock of the API server if its own is ahead by %d ms',
      async (aheadMs, context) => {
        const scene = await newScene(context);
        const controller = scene.start({ aheadMs });
        await scene.untilServing();
        expect(await controller.metric('tbot_injector_clock_ahead_seconds')).toBeCloseTo(aheadMs / 1000, -2);
      },
    );
  });

  it('issues one CA and one leaf even if three are cold-started at once', async (context) => {
    for (let round = 0; round < 3; round++) {
      const scene = await newScene(context);
      const controllers = [scene.start(), scene.start(), scene.start()];
      await scene.untilServing();
      for (const controller of controllers) await scene.untilReady(controller);
      const { authority, bundles } = await scene.state();
      expect(new Set(bundles)).toEqual(new Set([authority?.['ca.crt']]));
      expect(await scene.rotations()).toEqual([0, 0, 2]);
      await scene.end();
    }
  });

  it('repairs every fault of Secrets and entries', async (context) => {
    const scene = await newScene(context);
    const [controller] = await scene.startLeading(1);
    const [mutating = ''] = configurationPaths(scene.release);
    const [serving, authority] = [scene.secret('servingSecret'), scene.secret('caSecret')];
    const emptied = [{ op: 'remove', path: '/webhooks/1/clientConfig/caBundle' }];
    const harms: readonly (() => Promise<unknown>)[] = [
      () => cluster.api('DELETE', serving),
      () => replaceSecret(cluster, serving, { 'tls.crt': 'x', 'tls.key': 'x', 'ca.crt': 'x' }),
      () => replaceSecret(cluster, serving, {}),
      () => cluster.api('PATCH', mutating, emptied, 'application/json-patch+json'),
      async () => {
        for (const path of configurationPaths(scene.release)) await cluster.api('DELETE', path);
        await installConfigurations(cluster, scene.release);
      },
      () => cluster.api('DELETE', authority),
      () => replaceSecret(cluster, authority, { 'ca.crt': 'x', 'ca.key': 'x' }),
      () => replaceSecret(cluster, authority, {}),
    ];
    for (const harm of harms) {
      await harm();
      await scene.untilServing();
      await scene.until(
        'there is a CA',
        async () => (await scene.state()).authority?.['ca.crt']?.startsWith('--') || undefined,
      );
    }
    // A fault may come between two writes of one rotation, which then begins again.
    expect(await controller?.metric('tbot_injector_reconcile_errors_total')).toBeLessThanOrEqual(2);
    expect(await controller?.metric('tbot_injector_ca_bundle_writes_total')).toBeGreaterThanOrEqual(3);
    expect(await controller?.metric('tbot_injector_leader')).toBe(1);
  });

  it('is not ready while the API server does not answer, and serves again by itself', async (context) => {
    const scene = await newScene(context);
    const [controller] = await scene.startLeading(1);
    if (controller === undefined) throw new Error('there is no controller');
    await cluster.apiServer.stop('SIGKILL');
    const unready = { body: { checks: { running: true, 'api-server': false } }, status: 503 };
    await scene.until(
      'it is not ready',
      async () => (await controller.readiness())?.status === 503 || undefined,
    );
    expect(await controller.readiness()).toMatchObject(unready);
    cluster.apiServer.start();
    await cluster.untilReady();
    await cluster.api('DELETE', scene.secret('servingSecret'));
    await scene.untilServing();
    await scene.untilReady(controller);
  });
});
