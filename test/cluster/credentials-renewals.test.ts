import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { newTally, owners, readSecrets, renewOnce, type Tally } from './credentials/renewals.ts';
import { Stage, untilLeads } from './credentials/stage.ts';
import { change } from './harness/change.ts';
import type { Cluster } from './harness/cluster.ts';
import { type CredentialScene, OUTPUTS, type SceneController } from './harness/credential-scene.ts';
import { eventually } from './harness/eventually.ts';

const PATIENT = { seconds: 60, everyMs: 50 };
const TEAM = 'team';
const OUTPUT_LABEL = 'tbot-injector.io/output';

describe.skipIf(inject('programs').kind === 'missing')('tbot, renewing', { timeout: 120_000 }, () => {
  let stage: Stage;
  let scene: CredentialScene;
  let cluster: Cluster;
  let controller: SceneController;
  const tally = newTally();

  beforeAll(async () => {
    stage = await Stage.open();
    ({ scene, cluster } = stage);
    await stage.optIn(TEAM);
    controller = await scene.startController();
    await stage.untilUp();
  });

  afterAll(async () => {
    await stage.close();
  });

  it('is the only writer of the Secrets while controllers start, stop and are killed', async () => {
    const quiet = newTally();
    const since = Date.now();
    await renewWhile(quiet, 30, async () => {
      await controller.stop();
      controller = await scene.startController();
      await untilLeads(controller);
      await controller.stop('SIGKILL');
      controller = await scene.startController();
    });
    expect(quiet).toMatchObject({ fieldConflicts: 0, overtaken: 0, otherFaults: [] });
    expect(await writesOfSecrets(since)).toBe(0);
    await expectTidy();
  });

  it('keeps its data, without a conflict, when the controller restores labels during a renewal', async () => {
    const since = Date.now();
    await renewWhile(tally, 100, async () => {
      // The Lease of the killed controller has to expire.
      await untilLeads(controller);
      await disturb();
      await controller.stop();
      controller = await scene.startController();
      await disturb();
      await controller.stop();
      controller = await scene.startController();
      await disturb();
    });
    const restored = await writesOfSecrets(since);
    // Twice if a reconcile begins before the watch has delivered the last write; the second one changes nothing.
    expect(restored).toBeGreaterThanOrEqual(3 * OUTPUTS.length);
    expect(restored).toBeLessThanOrEqual(2 * 3 * OUTPUTS.length);
    expect(tally).toMatchObject({ fieldConflicts: 0, otherFaults: [] });
    // An apply with a resourceVersion is refused if the controller wrote in between, and is repeated.
    expect(tally.overtaken).toBeLessThanOrEqual(restored);
    expect(await renewOnce(scene, tally)).toBe(true);
    await expectTidy();
  });

  /** A disturbance between two rounds, so that only the controller writes during a round. */
  let between: (() => Promise<void>) | undefined;

  /** Renews without a pause, `least` times and until `scenario` has ended. */
  async function renewWhile(counted: Tally, least: number, scenario: () => Promise<void>): Promise<void> {
    const progress = { isOver: false };
    const running = scenario().finally(() => (progress.isOver = true));
    while (!progress.isOver || counted.rounds < least) {
      const wholly = await renewOnce(scene, counted);
      if (wholly) await expectLatest();
      await between?.();
      between = undefined;
    }
    await running;
  }

  /** Changes a label of every Secret, and waits until the controller has restored them. */
  async function disturb(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      between = async () => {
        const labels = { [OUTPUT_LABEL]: 'disturbed' };
        const paths = OUTPUTS.map((output) => `${scene.secret(TEAM, output)}?fieldManager=kubectl-label`);
        const changes = paths.map((path) => change(cluster.api, 'PATCH', path, { metadata: { labels } }));
        await Promise.all(changes).then(() => {
          resolve();
        }, reject);
      };
    });
    await eventually('the labels are right again', async () => (await areLabelled()) || undefined, PATIENT);
  }

  async function areLabelled(): Promise<boolean> {
    const secrets = await readSecrets(cluster, scene, TEAM);
    return secrets.every(({ metadata }, index) => metadata.labels?.[OUTPUT_LABEL] === OUTPUTS[index]);
  }

  let rounds = 0;

  async function expectLatest(): Promise<void> {
    const secrets = await readSecrets(cluster, scene, TEAM);
    const written = secrets.map(({ data }) => atob(data?.['identity'] ?? ''));
    expect(new Set(written).size).toBe(1);
    const round = Number(written[0]?.replace('identity ', ''));
    expect(round).toBeGreaterThan(rounds);
    rounds = round;
  }

  async function writesOfSecrets(since: number): Promise<number> {
    return (await stage.changes(since)).filter(({ resource }) => resource === 'secrets').length;
  }

  async function expectTidy(): Promise<void> {
    for (const secret of await readSecrets(cluster, scene, TEAM)) {
      expect(owners(secret)).toEqual(['tbot-injector: metadata, type', 'tbot: data, type']);
      expect(secret.metadata.labels).toMatchObject({ 'app.kubernetes.io/managed-by': 'tbot-injector' });
    }
  }
});
