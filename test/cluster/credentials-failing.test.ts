import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Cluster, startCluster } from './harness/cluster.ts';
import { CredentialScene, servicesOf } from './harness/credential-scene.ts';
import { eventually } from './harness/eventually.ts';

/** The controller asks every 30 s or so. */
const PATIENT = { seconds: 120, everyMs: 500 };
const FAILING = 'tbot_injector_failing_credentials{bot="shared",shard="0"}';
const REACHABLE = 'tbot_injector_tbot_reachable{bot="shared",shard="0"}';

describe.skipIf(inject('programs').kind === 'missing')('the readiness of tbot', { timeout: 240_000 }, () => {
  let cluster: Cluster;
  let scene: CredentialScene;

  beforeAll(async () => {
    cluster = await startCluster();
    scene = await CredentialScene.create(cluster);
    await scene.optIn('team');
    await scene.startController();
    await scene.untilUpWith(servicesOf(['team']));
    expect(await scene.tbot.renew()).toEqual(new Map());
  });

  afterAll(async () => {
    await scene.end();
    await cluster.stop();
  });

  it('about a credential that it cannot renew becomes an Event on its Secret, and is counted', async () => {
    scene.tbot.diagnostics.report(
      'team+two',
      'unhealthy',
      'access to database "reports" denied\n\tretries: 5',
    );
    const event = await eventEventually('CredentialFailing');
    expect(event).toBe(
      'CredentialFailing: tbot cannot renew Secret tbot-two of output two, and says "access to database ' +
        "'reports' denied retries: 5\". What is in it stays valid until it expires. Fix: see whether what the " +
        "output names exists, and whether the bot's roles reach it: tctl get bot/shared, " +
        'tctl bots update shared --add-roles=ROLE',
    );
    expect(await scene.metrics()).toContain(`${FAILING} 1\n`);
    expect(await scene.metrics()).toContain(`${REACHABLE} 1\n`);
  });

  it('ends the fault after a renewal', async () => {
    expect(await scene.tbot.renew()).toEqual(new Map());
    expect(await eventEventually('CredentialReady: tbot renews')).toBe(
      'CredentialReady: tbot renews Secret tbot-two of output two again',
    );
    expect(await scene.metrics()).toContain(`${FAILING} 0\n`);
    const events = await scene.events('team');
    expect(events.filter((each) => each.startsWith('CredentialFailing'))).toHaveLength(1);
  });

  it('cannot be read while tbot is unreachable: no Event, but a metric and one log line', async () => {
    const before = await scene.events('team');
    scene.tbot.diagnostics.close();
    await eventually(
      'a metric shows it',
      async () => (await scene.metrics()).includes(`${REACHABLE} 0\n`) || undefined,
      PATIENT,
    );
    expect(await scene.events('team')).toEqual(before);
    const lines = (await scene.log()).filter(({ msg }) => msg.startsWith('tbot '));
    expect(lines.map(({ msg, code }) => [msg, code])).toEqual(
      expect.arrayContaining([['tbot does not answer', 'unreachable']]),
    );
    expect(lines.filter(({ msg }) => msg === 'tbot does not answer')).toHaveLength(1);
  });

  function eventEventually(start: string): Promise<string> {
    return eventually(
      `an Event ${start}`,
      async () => (await scene.events('team')).find((event) => event.startsWith(start)),
      PATIENT,
    );
  }
});
