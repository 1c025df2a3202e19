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

  it('has the Secrets to itself: nobody of ours writes them, though controllers come, go and are killed', async () => {
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

  it('keeps what it wrote, and has no conflict, when the controller puts labels right in the midst of it', async () => {
    const since = Date.now();
    await renewWhile(tally, 100, async () => {
      // The Lease of the one that was killed has to run out.
      await untilLeads(controller);
      await disturb();
      await controller.stop();
      controller = await scene.startController();
      await disturb();
      await controller.stop();
      controller = await scene.startController();
      await disturb();
    });
    const mended = await writesOfSecrets(since);
    // Twice where a pass begins before the watch has told of the last one's write, which then changes nothing.
    expect(mended).toBeGreaterThanOrEqual(3 * OUTPUTS.length);
    expect(mended).toBeLessThanOrEqual(2 * 3 * OUTPUTS.length);
    expect(tally).toMatchObject({ fieldConflicts: 0, otherFaults: [] });
    // An apply that carries a resourceVersion is refused when ours came between, and is made up for.
    expect(tally.overtaken).toBeLessThanOrEqual(mended);
    expect(await renewOnce(scene, tally)).toBe(true);
    await expectTidy();
  });

  /** What somebody does between two rounds, so that tbot is overtaken by the controller alone. */
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

  /** Somebody relabels every Secret; until the controller has put it right. */
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
