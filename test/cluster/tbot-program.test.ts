import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { owners, readSecrets } from './credentials/renewals.ts';
import { prepareForProgram, startTbotProgram, type TbotProgram } from './credentials/tbot-program.ts';
import { change } from './harness/change.ts';
import { type Cluster, startCluster } from './harness/cluster.ts';
import { CredentialScene, OUTPUTS, servicesOf } from './harness/credential-scene.ts';
import { eventually } from './harness/eventually.ts';

const PATIENT = { seconds: 60, everyMs: 200 };
const TEAM = 'team';
const ACCOUNT = { namespace: 'tbot-system', name: 'tbot-injector-bot-shared' };
const OPTIONS = {
  account: ACCOUNT,
  configMap: 'tbot-injector-bot-shared-0',
  joinToken: 'shared-bot',
  clusterName: 'example.teleport.sh',
};

describe.skipIf(inject('programs').kind === 'missing')('tbot as a process', { timeout: 120_000 }, () => {
  let cluster: Cluster;
  let scene: CredentialScene;
  const started: TbotProgram[] = [];

  beforeAll(async () => {
    cluster = await startCluster();
    scene = await CredentialScene.create(cluster);
    await scene.optIn(TEAM);
    await scene.startController();
    await scene.untilUpWith(servicesOf([TEAM]));
    await prepareForProgram(cluster, ACCOUNT);
  });

  afterAll(async () => {
    await Promise.all(started.map((tbot) => tbot.stop('SIGKILL')));
    await scene.end();
    await cluster.stop();
  });

  it('joins with the token of its pod, and writes what the controller has made, again and again', async () => {
    const tbot = await start();
    const { services } = await untilReady(tbot);
    expect(Object.keys(services).toSorted()).toEqual(
      ['ca-rotation', 'heartbeat', 'identity', ...servicesOf([TEAM])].toSorted(),
    );
    await untilRound(3);
    for (const secret of await readSecrets(cluster, scene, TEAM))
      expect(owners(secret)).toEqual(['tbot-injector: metadata, type', 'tbot: data, type']);
    await eventually(
      'an Event says it',
      async () =>
        (await scene.events(TEAM)).find(
          (event) => event === 'CredentialReady: tbot has written Secret tbot-one of output one',
        ),
      PATIENT,
    );
  });

  it('is killed, and the next one goes on', async () => {
    const [killed] = started;
    await killed?.stop('SIGKILL');
    const before = await versions();
    const tbot = await start();
    await untilReady(tbot);
    expect(new Set([...before, ...(await versions())]).size).toBe(2 * OUTPUTS.length);
    tbot.signal('SIGTERM');
    expect(await untilEnded(tbot)).toContain('SIGTERM');
  });

  it('ends at a join with a token for the API server', async () => {
    const tbot = await start(cluster.url);
    expect(await untilEnded(tbot)).toContain('1');
    expect(tbot.logTail()).toContain('joining with token\n\t\treviewing kubernetes token with oidc\n');
    expect(tbot.logTail()).toContain('Audience must contain client_id "example.teleport.sh"\n');
  });

  // Its dry run applies what it has read, which no API server refuses for what is in it.
  it('starts with a Secret of which another manager owns a key, or that is immutable, and cannot renew those', async () => {
    await scene.endControllers();
    const path = `${scene.secret(TEAM, 'two')}?fieldManager=kubectl-edit`;
    await change(cluster.api, 'PATCH', path, { data: { identity: 'AAAA' } });
    await change(cluster.api, 'PATCH', scene.secret(TEAM, 'three'), { immutable: true });
    const tbot = await start();
    expect(await untilFailing(tbot, 'two')).toMatch(
      /^Apply failed with 1 conflict: conflict with "kubectl-edit".*: \.data\.identity$/,
    );
    expect(await untilFailing(tbot, 'three')).toContain('field is immutable when `immutable` is set');
    expect((await fetch(`${tbot.url}/readyz/${TEAM}+one`)).status).toBe(200);
    await tbot.stop('SIGKILL');
  });

  it('ends at the first Secret that it may not write', async () => {
    await change(cluster.api, 'DELETE', scene.binding(TEAM));
    const tbot = await start();
    expect(await untilEnded(tbot)).toContain('1');
    expect(tbot.logTail()).toContain(`ERROR: initializing destination of ${TEAM}+one\n\tsecrets "tbot-`);
    expect(tbot.logTail()).toContain('cannot get resource "secrets" in API group "" in the namespace "team"');
  });

  async function start(audience?: string): Promise<TbotProgram> {
    const tbot = await startTbotProgram(cluster, OPTIONS, audience);
    started.push(tbot);
    return tbot;
  }

  async function versions(): Promise<readonly string[]> {
    const answers = OUTPUTS.map((output) => cluster.api('GET', scene.secret(TEAM, output)));
    const bodies = (await Promise.all(answers)).map(({ body }) => body);
    return bodies.map((body) => (body as { metadata: { resourceVersion: string } }).metadata.resourceVersion);
  }

  function untilReady(tbot: TbotProgram): Promise<{ readonly services: object }> {
    return eventually(
      'tbot is ready',
      async () => {
        if (tbot.ended() !== undefined) throw new Error(tbot.logTail());
        const answer = await fetch(`${tbot.url}/readyz`);
        return answer.status === 200 ? ((await answer.json()) as { services: object }) : undefined;
      },
      PATIENT,
    );
  }

  function untilFailing(tbot: TbotProgram, output: string): Promise<string> {
    return eventually(
      `${output} fails`,
      async () => {
        const answer = await fetch(`${tbot.url}/readyz/${TEAM}+${output}`);
        return ((await answer.json()) as { reason?: string }).reason;
      },
      PATIENT,
    );
  }

  function untilEnded(tbot: TbotProgram): Promise<string> {
    return eventually('tbot has ended', () => tbot.ended(), PATIENT);
  }

  /** Until every identity is of that renewal, or of a later one, of the tbot that runs. */
  async function untilRound(least: number): Promise<void> {
    await eventually(
      `renewal ${least}`,
      async () => {
        const secrets = await readSecrets(cluster, scene, TEAM);
        const rounds = secrets.map(({ data }) =>
          Number(atob(data?.['identity'] ?? '').replace('identity ', '')),
        );
        expect(rounds).toHaveLength(OUTPUTS.length);
        return rounds.every((round) => round >= least) || undefined;
      },
      PATIENT,
    );
  }
});
