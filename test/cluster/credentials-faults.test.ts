import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it, type TestContext } from 'vitest';
import { grantWritesIn, narrowRights, widenRights } from './credentials/narrow-rights.ts';
import { Stage, untilLeads } from './credentials/stage.ts';
import { change } from './harness/change.ts';
import type { Cluster } from './harness/cluster.ts';
import { type CredentialScene, OUTPUTS } from './harness/credential-scene.ts';
import { eventually } from './harness/eventually.ts';
import { jumpingClock } from './harness/jumping-clock.ts';
import type { SelfMadeLeader } from './harness/self-made-leader.ts';

const PATIENT = { seconds: 30, everyMs: 100 };
const ORPHANED_AT = 'tbot-injector.io/orphaned-at';
const GRACE_MS = 6_000;
const HOUR = 3_600_000;

interface Metadata {
  readonly uid: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

describe.skipIf(inject('programs').kind === 'missing')('credentials', { timeout: 60_000 }, () => {
  let stage: Stage;
  let scene: CredentialScene;
  let cluster: Cluster;

  beforeAll(async () => {
    stage = await Stage.open();
    ({ scene, cluster } = stage);
    await stage.optIn('team-0', 'team-1', 'team-2');
  });

  afterAll(async () => {
    await stage.close();
  });

  it('stay for the grace period after the label is lost, and are deleted after it', async (context) => {
    const leader = await lead(context, { graceMs: GRACE_MS });
    await stage.untilUp();
    await scene.tbot.renew();
    const before = await metadataOf('team-0');
    await Promise.all([...stage.teams].map((team) => stage.unlabel(team)));
    const unlabelled = performance.now();
    await stage.untilUp();
    expect(performance.now() - unlabelled).toBeLessThan(GRACE_MS);
    expect((await metadataOf('team-1'))?.annotations).toHaveProperty([ORPHANED_AT]);
    await stage.label('team-0');
    await eventually(
      'the others are gone',
      async () => (await areGone('team-1', 'team-2')) || undefined,
      PATIENT,
    );
    expect(performance.now() - unlabelled).toBeGreaterThan(GRACE_MS);
    const { body } = await cluster.api('GET', scene.secret('team-0', 'one'));
    expect(body).toMatchObject({
      metadata: { uid: before?.uid },
      data: { identity: btoa('identity 1') },
    });
    await stage.untilUp();
    expect(leader.failures).toEqual([]);
  });

  it('are right, and are not written again and again, even if two controllers lead at once', async (context) => {
    const leaders = [await lead(context), await lead(context)];
    await stage.optIn('both-0', 'both-1', 'both-2');
    await stage.untilUp();
    const before = await metadataOf('both-0');
    await change(cluster.api, 'DELETE', scene.secret('both-1', 'two'));
    await change(cluster.api, 'DELETE', scene.binding('both-2'));
    await stage.untilUp();
    expect(await scene.tbot.renew()).toEqual(new Map());
    await stage.unlabel('both-0');
    await stage.untilUp();
    await stage.label('both-0');
    await stage.untilUp();
    expect((await metadataOf('both-0'))?.uid).toBe(before?.uid);
    const since = Date.now();
    await sleep(6_000);
    expect(await stage.changes(since)).toEqual([]);
    // Each may have been late once, and no more than that.
    for (const failure of leaders.flatMap(({ failures }) => failures)) {
      expect(failure).toMatchObject({ code: 'conflict' });
    }
  });

  it('are set up in all other namespaces when the controller lacks rights in one', async ({
    onTestFinished,
  }) => {
    const controller = await scene.startController();
    onTestFinished(() => controller.stop());
    await stage.untilUp();
    await narrowRights(cluster);
    onTestFinished(() => widenRights(cluster));
    await scene.optIn('walled');
    await cluster.createNamespace('open');
    await grantWritesIn(cluster, 'open');
    await stage.label('open');
    await stage.untilUp();
    const delays = await eventually(
      'it was tried four times',
      async () => {
        const found = await failuresOf('walled');
        return found.length >= 4 ? found : undefined;
      },
      PATIENT,
    );
    expect(delays).toEqual(delays.toSorted((a, b) => a - b));
    const events = await scene.events('walled');
    // One for each output, no matter how often it is tried.
    expect(events).toHaveLength(OUTPUTS.length);
    expect(events).toContainEqual(
      expect.stringMatching(
        /^CredentialBlocked: output one of bot shared cannot be set up in walled.*: 403,/,
      ),
    );
    await grantWritesIn(cluster, 'walled');
    stage.teams.add('walled');
    await stage.untilUp();
  });

  it('follow the clock of the API server while that of the controller jumps ahead and back', async ({
    onTestFinished,
  }) => {
    const jumpsMs = [400 * 24 * HOUR, -402 * 24 * HOUR];
    await stage.optIn('lost', 'later');
    const controller = await scene.startController({ nodeFlags: jumpingClock(jumpsMs) });
    onTestFinished(() => controller.stop());
    await stage.untilUp();
    await stage.unlabel('lost');
    await stage.untilUp();
    await stage.untilQuiet();
    const before = await metadataOf('lost');
    expect(before?.annotations).toHaveProperty([ORPHANED_AT]);
    const generation = await scene.generation();
    for (const [jump] of jumpsMs.entries()) {
      const since = Date.now();
      controller.signal('SIGUSR2');
      // The Lease is lost by the clock that jumps ahead, and taken again.
      await sleep(4_000);
      await untilLeads(controller);
      expect(await stage.changes(since)).toEqual([]);
      expect(await metadataOf('lost')).toEqual(before);
      expect((await scene.status()).stale).toEqual({});
      await stage.optIn(`jump-${jump}`);
      await stage.untilUp();
    }
    await stage.unlabel('later');
    const marked = await eventually(
      'it is marked',
      async () => (await metadataOf('later'))?.annotations?.[ORPHANED_AT],
      PATIENT,
    );
    expect(Math.abs(Date.parse(marked) - Date.now())).toBeLessThan(HOUR / 60);
    expect((await scene.generation()) - generation).toBeLessThanOrEqual(1);
  });

  async function lead(
    { onTestFinished }: TestContext,
    settings?: Parameters<CredentialScene['lead']>[0],
  ): Promise<SelfMadeLeader> {
    const leader = await scene.lead(settings);
    onTestFinished(() => leader.end());
    return leader;
  }

  /** Of the first output's Secret. */
  async function metadataOf(namespace: string): Promise<Metadata | undefined> {
    const { status, body } = await cluster.api('GET', scene.secret(namespace, 'one'));
    return status === 404 ? undefined : (body as { metadata: Metadata }).metadata;
  }

  async function areGone(...namespaces: readonly string[]): Promise<boolean> {
    const paths = namespaces.flatMap((namespace) => [
      ...OUTPUTS.map((output) => scene.secret(namespace, output)),
      scene.binding(namespace),
    ]);
    const answers = await Promise.all(paths.map((path) => cluster.api('GET', path)));
    return answers.every(({ status }) => status === 404);
  }

  /** The delay after each failed reconcile of the namespace, from the controller's log. */
  async function failuresOf(namespace: string): Promise<readonly number[]> {
    const lines = await scene.log();
    return lines.flatMap((line) =>
      line.msg === 'reconcile failed' && line['key'] === namespace ? [Number(line['delayMs'])] : [],
    );
  }
});
