import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { BREAKAGES } from './credentials/breakages.ts';
import { change } from './harness/change.ts';
import { type Cluster, startCluster } from './harness/cluster.ts';
import { CredentialScene, OPTED_IN, servicesOf } from './harness/credential-scene.ts';
import { eventually } from './harness/eventually.ts';
import type { RunningProgram } from './harness/program.ts';
import { Wire } from './harness/wire.ts';

const PATIENT = { seconds: 60, everyMs: 200 };
const TEAMS = Array.from({ length: 12 }, (_, index) => `team-${index}`);

describe.skipIf(inject('programs').kind === 'missing')('the credentials', { timeout: 240_000 }, () => {
  let cluster: Cluster;
  let scene: CredentialScene;
  let controller: RunningProgram;
  /** Still whole. */
  const whole = new Set(TEAMS);

  beforeAll(async () => {
    cluster = await startCluster();
    scene = await CredentialScene.create(cluster);
    await scene.optIn(...TEAMS);
    controller = await scene.startController();
  });

  afterAll(async () => {
    await scene.end();
    await cluster.stop();
  });

  it('of every opted-in namespace are in tbot.yaml, and tbot starts and renews with its rights', async () => {
    await scene.untilUpWith(servicesOf(TEAMS));
    await eventually(
      'the webhook has the status of all of them',
      async () => {
        const { neverWritten } = await scene.status();
        return Object.keys(neverWritten).length === TEAMS.length || undefined;
      },
      PATIENT,
    );
    expect(await scene.tbot.renew()).toEqual(new Map());
    await eventually(
      'the webhook has the status that they are there',
      async () => {
        const { neverWritten, stale } = await scene.status();
        return Object.keys({ ...neverWritten, ...stale }).length === 0 || undefined;
      },
      PATIENT,
    );
    await eventually(
      'there is an Event',
      async () =>
        (await scene.events('team-0')).find(
          (event) => event === 'CredentialReady: tbot has written Secret tbot-one of output one',
        ),
      PATIENT,
    );
  });

  it('cost tbot no second start while it waits for the first configuration', async () => {
    const { body } = await cluster.api('GET', scene.deployment());
    const { metadata } = body as { metadata: { generation: number } };
    // One by helm, one for the first configuration; another one when the rest of the namespaces came.
    expect(metadata.generation).toBeLessThanOrEqual(3);
  });

  it('are not written while nothing changes', async () => {
    // A restart may still be due, a minute after the first.
    await eventually(
      'there is no write for 8 s',
      async () => {
        const before = await versions();
        await sleep(8_000);
        return (await versions()).join() === before.join() || undefined;
      },
      { seconds: 150, everyMs: 100 },
    );
  });

  it.each(Object.entries(BREAKAGES))(
    'of the others are renewed when %s',
    async (_, { harm, remaining, event: text }) => {
      const [team = ''] = whole;
      await harm({ cluster, scene, controller }, team);
      whole.delete(team);
      broken.push(...servicesOf([team], [...remaining]));
      const seconds = await scene.untilUpWith([...servicesOf([...whole]), ...broken]);
      expect(seconds).toBeLessThan(60);
      expect(await scene.tbot.renew()).toEqual(new Map());
      if (text === undefined) return;
      await eventually(
        'there is an Event',
        async () => (await scene.events(team)).find((event) => event.includes(text)),
        PATIENT,
      );
    },
  );
  const broken: string[] = [];

  it('leave tbot.yaml at once with the label, and stay for the grace period', async () => {
    const [team = ''] = whole;
    await change(cluster.api, 'PATCH', `/api/v1/namespaces/${team}`, {
      metadata: { labels: { [LABEL]: null } },
    });
    whole.delete(team);
    await scene.untilUpWith([...servicesOf([...whole]), ...broken]);
    const annotations = await eventually(
      'it is marked',
      async () => {
        const { body } = await cluster.api('GET', scene.secret(team, 'one'));
        return (body as { metadata: { annotations?: Record<string, string> } }).metadata.annotations;
      },
      PATIENT,
    );
    expect(annotations).toHaveProperty(['tbot-injector.io/orphaned-at']);
    await change(cluster.api, 'PATCH', `/api/v1/namespaces/${team}`, { metadata: { labels: OPTED_IN } });
    whole.add(team);
    await scene.untilUpWith([...servicesOf([...whole]), ...broken]);
    const { body } = await cluster.api('GET', scene.secret(team, 'one'));
    expect(body).not.toHaveProperty(['metadata', 'annotations', 'tbot-injector.io/orphaned-at']);
    expect(body).toHaveProperty(['data', 'identity']);
  });

  describe('that uninjected pods from before the opt-in lack', () => {
    const [set, other] = ['set', 'other'].map((name) => [
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name, uid: `u-${name}`, controller: true },
    ]);
    const replicas = ['owned-0', 'owned-1', 'owned-2'];
    const pods = (namespace: string): string => `/api/v1/namespaces/${namespace}/pods`;

    it('cost a pod with a PodDisruptionBudget no eviction, but a line in the log', async () => {
      await cluster.createNamespace('guarded');
      await createPod('guarded', 'guarded', other);
      await protect('guarded');
      await optInLate('guarded');
      await untilRenewed();
      await eventually(
        'the log says so',
        async () => (await scene.log()).find(({ msg }) => msg === 'pod not evicted'),
        PATIENT,
      );
    });

    it('cause an Event on each pod and one on their owner', async () => {
      await cluster.createNamespace('early');
      for (const name of replicas) await createPod('early', name, set);
      await createPod('early', 'finishes');
      await optInLate('early');
      await untilUninjected(5);
      const finished = { status: { phase: 'Succeeded' } };
      await change(cluster.api, 'PATCH', `${pods('early')}/finishes/status`, finished);
      await untilUninjected(4);
      await sleep(25_000);
      const events = (await scene.events('early')).filter((event) => event.startsWith('NotInjected'));
      expect(events.filter((event) => event.startsWith('NotInjected: a pod of it'))).toHaveLength(1);
      // The pod that has finished got its Event before.
      expect(events).toHaveLength(1 + replicas.length + 1);
    });

    it('cost the other pods an eviction as soon as the credentials are there', async () => {
      await untilRenewed();
      await eventually(
        'one is evicted',
        async () => (await left('early')).length === replicas.length || undefined,
        PATIENT,
      );
      expect(await left('guarded')).toEqual(['guarded']);
      const log = await scene.log();
      expect(log.filter(({ msg }) => msg === 'pod not evicted')).toMatchObject([{ name: 'guarded' }]);
      // Namespaces with objects of others fail all the while.
      const failed = log.filter(
        ({ msg, controller }) => msg === 'reconcile failed' && controller !== 'namespaces',
      );
      expect(failed).toEqual([]);
    });

    async function optInLate(name: string): Promise<void> {
      await change(cluster.api, 'PATCH', `/api/v1/namespaces/${name}`, { metadata: { labels: OPTED_IN } });
      whole.add(name);
    }

    async function untilRenewed(): Promise<void> {
      await scene.untilUpWith([...servicesOf([...whole]), ...broken]);
      expect(await scene.tbot.renew()).toEqual(new Map());
    }

    function untilUninjected(count: number): Promise<unknown> {
      const line = `tbot_injector_uninjected_pods ${count}`;
      return eventually(
        `${count} pods are uninjected`,
        async () => (await scene.metrics()).split('\n').includes(line) || undefined,
        PATIENT,
      );
    }

    /** Allows no disruption; the status is written here, because this cluster has no controller for it. */
    async function protect(namespace: string): Promise<void> {
      const budgets = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`;
      const spec = { maxUnavailable: 0, selector: {} };
      await change(cluster.api, 'POST', budgets, { metadata: { name: 'all' }, spec });
      const counts = { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 };
      await change(cluster.api, 'PATCH', `${budgets}/all/status`, {
        status: { observedGeneration: 1, ...counts },
      });
      const conditions = [{ type: 'Ready', status: 'True' }];
      const running = { status: { phase: 'Running', conditions } };
      await change(cluster.api, 'PATCH', `${pods(namespace)}/${namespace}/status`, running);
    }

    async function left(namespace: string): Promise<readonly string[]> {
      const { body } = await cluster.api('GET', pods(namespace));
      const { items } = body as { items: { metadata: { name: string; deletionTimestamp?: string } }[] };
      return items
        .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        .map(({ metadata }) => metadata.name);
    }
  });

  it('that are revoked cause an Event on the pods that still use them', async () => {
    const namespace = '/api/v1/namespaces/revoked';
    const untilEvent = (what: string): Promise<unknown> =>
      eventually(
        'there is an Event',
        async () => (await scene.events('revoked')).find((event) => event.startsWith(what)),
        PATIENT,
      );
    // Before the opt-in, for there is no webhook here.
    await cluster.createNamespace('revoked');
    const asks = { 'tbot-injector.io/outputs': 'one, gone', 'tbot-injector.io/injected': '{}' };
    await createPod('revoked', 'user', [], asks);
    await change(cluster.api, 'PATCH', namespace, { metadata: { labels: OPTED_IN } });
    await untilEvent('CredentialLost: output gone is granted to namespace revoked no longer');
    await change(cluster.api, 'PATCH', namespace, { metadata: { labels: { [LABEL]: null } } });
    await untilEvent('CredentialLost: namespace revoked is opted in no longer');
  });

  async function createPod(
    namespace: string,
    name: string,
    ownerReferences: readonly object[] = [],
    annotations: object = { 'tbot-injector.io/outputs': 'one' },
  ): Promise<void> {
    await change(cluster.api, 'POST', `/api/v1/namespaces/${namespace}/pods`, {
      metadata: { name, ownerReferences, annotations },
      spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }] },
    });
  }

  it('are all that the bot can reach: it has no rights on other Secrets', async () => {
    const [team = ''] = whole;
    const { api: asTbot } = scene.tbot;
    const other = { metadata: { name: 'own' }, stringData: { a: 'b' } };
    await change(cluster.api, 'POST', `/api/v1/namespaces/${team}/secrets`, other);
    const secrets = `/api/v1/namespaces/${team}/secrets`;
    const statuses = await Promise.all([
      asTbot('GET', scene.secret(team, 'one')),
      asTbot('GET', `${secrets}/own`),
      asTbot('GET', secrets),
      asTbot('POST', secrets, { metadata: { name: 'tbot-new' } }),
      asTbot('DELETE', scene.secret(team, 'one')),
      asTbot('GET', '/api/v1/namespaces/kube-system/secrets/tbot-one'),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([200, 403, 403, 403, 403, 403]);
  });

  it('of a namespace with a full quota wait, with an Event, and those of others do not', async () => {
    await cluster.createNamespace('full');
    await change(cluster.api, 'POST', '/api/v1/namespaces/full/resourcequotas', {
      metadata: { name: 'small' },
      spec: { hard: { 'count/secrets': '0' } },
    });
    // What the quota controller writes in a whole cluster.
    const status = { status: { hard: { 'count/secrets': '0' }, used: { 'count/secrets': '0' } } };
    await change(cluster.api, 'PATCH', '/api/v1/namespaces/full/resourcequotas/small/status', status);
    await scene.optIn('free');
    await change(cluster.api, 'PATCH', '/api/v1/namespaces/full', { metadata: { labels: OPTED_IN } });
    whole.add('free');
    await scene.untilUpWith([...servicesOf([...whole]), ...broken]);
    await eventually(
      'there is an Event',
      async () => (await scene.events('full')).find((event) => event.includes('exceeded quota')),
      PATIENT,
    );
    await change(cluster.api, 'DELETE', '/api/v1/namespaces/full/resourcequotas/small');
    whole.add('full');
    await scene.untilUpWith([...servicesOf([...whole]), ...broken]);
  });

  it('of new namespaces come even if the leader is killed in the middle of the work', async () => {
    const late = Array.from({ length: 10 }, (_, index) => `late-${index}`);
    for (const name of late) whole.add(name);
    const opting = scene.optIn(...late);
    await eventually(
      'the first of them has its Secret',
      async () => (await cluster.api('GET', scene.secret('late-0', 'one'))).status === 200 || undefined,
      { seconds: 60, everyMs: 20 },
    );
    await controller.stop('SIGKILL');
    await opting;
    await scene.startController();
    await scene.untilUpWith([...servicesOf([...whole]), ...broken]);
    expect(await scene.tbot.renew()).toEqual(new Map());
  });

  it('are right in the end if the leader is cut off while another one takes over', async () => {
    await scene.endControllers();
    const wire = await Wire.open(Number(new URL(cluster.url).port));
    try {
      await scene.startController({ url: `https://127.0.0.1:${wire.port}` });
      await optInAndWait('before');
      await scene.startController();
      wire.onConnect = 'swallow';
      wire.blackHole();
      await optInAndWait('during');
      wire.onConnect = 'pass';
      wire.reset();
      await optInAndWait('after');
      expect(await scene.tbot.renew()).toEqual(new Map());
    } finally {
      wire.close();
    }
  });

  async function optInAndWait(name: string): Promise<void> {
    await scene.optIn(name);
    whole.add(name);
    await scene.untilUpWith([...servicesOf([...whole]), ...broken]);
  }

  const LABEL = 'tbot-injector.io/injection';

  /** Of everything that the controller writes. */
  async function versions(): Promise<readonly string[]> {
    const kinds = ['secrets', 'configmaps', 'deployments.apps', 'rolebindings.rbac.authorization.k8s.io'];
    const { stdout } = await cluster.kubectl(['get', kinds.join(), '--all-namespaces', '--output', 'json']);
    const { items } = JSON.parse(stdout) as {
      items: { metadata: { uid: string; resourceVersion: string } }[];
    };
    return items.map(({ metadata }) => `${metadata.uid} ${metadata.resourceVersion}`).toSorted();
  }
});
