import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { connect, type Api } from './harness/api.ts';
import { type Cluster, startCluster } from './harness/cluster.ts';
import { eventually } from './harness/eventually.ts';
import { Installation } from './harness/installation.ts';
import { laterClock } from './harness/later-clock.ts';
import { freePort } from './harness/ports.ts';
import type { RunningProgram } from './harness/program.ts';
import { runDeployment } from './harness/run-deployment.ts';
import { mintToken } from './harness/service-account.ts';
import { playTbot, type TbotPlayer } from './harness/tbot-player.ts';
import { attempt, merge } from './policies/attempt.ts';
import { asked, restart, workload, workloads, type Plural } from './policies/workloads.ts';

const OURS = 'tbot-system';
const OPTED_IN = { 'tbot-injector.io/injection': 'enabled' };
const PATIENT = { seconds: 60, everyMs: 200 };
const MINUTE = 60_000;
const LATER_MS = 13 * 60 * MINUTE;
const BETWEEN_MS = 30_000;

const bot = (name: string, tbot: object, output: string): object => ({
  join: { method: 'kubernetes', token: name },
  namespaces: { names: ['team'] },
  tbot,
  outputs: { [output]: { tbot: { type: 'identity' } } },
});
const VALUES = {
  controller: { workloadRestarts: true },
  bots: {
    day: bot('day', { credential_ttl: '24h', renewal_interval: '11h' }, 'one'),
    hour: bot('hour', {}, 'two'),
  },
};

interface Stored {
  readonly metadata: { readonly generation: number };
  readonly spec: {
    readonly template: { readonly metadata: { readonly annotations: Record<string, string> } };
  };
}

describe.skipIf(inject('programs').kind === 'missing')(
  'a controller that restarts',
  { timeout: 240_000 },
  () => {
    let cluster: Cluster;
    let installation: Installation;
    let controller: RunningProgram;
    let tbot: TbotPlayer;
    let healthPort: string;

    beforeAll(async () => {
      cluster = await startCluster();
      installation = new Installation(cluster, OURS, { values: VALUES });
      await installation.install();
      await cluster.createNamespace('team', OPTED_IN);
      await cluster.createNamespace('left');
      // A policy of the cluster refuses the restart that is the most overdue.
      await refuseUpdates('blocked');
      await create('blocked', {});
      await create('second', { minutes: 5, plural: 'daemonsets' });
      await create('first', { minutes: 2, plural: 'statefulsets' });
      await create('third', { minutes: 10 });
      await create('early', { minutes: 180 });
      await create('often', { every: '1h' });
      await create('short', { output: 'two' });
      await create('foreign', { output: 'three' });
      await create('paused', { spec: { paused: true } });
      await create('idle', { spec: { replicas: 0 } });
      await create('elsewhere', { namespace: 'left' });
      // A user who may write this could delay the restarts of all others.
      await create('ahead', { namespace: 'left', minutes: LATER_MS / MINUTE + 4 });
      healthPort = String(await freePort());
      controller = await runDeployment(
        cluster,
        installation,
        'controller',
        { 'health-port': healthPort },
        // The creation time of an object cannot be set.
        laterClock(LATER_MS),
      );
      tbot = await playTbot(cluster, {
        namespace: OURS,
        account: 'tbot-injector-bot-day',
        configMap: 'tbot-injector-bot-day-0',
      });
    });

    afterAll(async () => {
      tbot.close();
      await controller.stop('SIGKILL');
      await cluster.stop();
    });

    interface Wish {
      /** From its creation to its last restart; default: there was none. */
      readonly minutes?: number;
      readonly plural?: Plural;
      readonly namespace?: string;
      readonly every?: string;
      readonly output?: string;
      readonly spec?: object;
    }

    async function create(name: string, wish: Wish): Promise<void> {
      const {
        minutes,
        plural = 'deployments',
        namespace = 'team',
        every = '12h',
        output = 'one',
        spec,
      } = wish;
      const { metadata, spec: usual } = workload('app', plural) as {
        metadata: object;
        spec: { template: object };
      };
      const annotations = {
        'tbot-injector.io/outputs': output,
        ...(minutes !== undefined && {
          'kubectl.kubernetes.io/restartedAt': new Date(Date.now() + minutes * MINUTE).toISOString(),
        }),
      };
      const template = { ...usual.template, metadata: { labels: { app: 'app' }, annotations } };
      const object = {
        metadata: { ...metadata, name, annotations: { 'tbot-injector.io/restart-every': every } },
        spec: { ...usual, ...spec, template },
      };
      const { status, body } = await cluster.api('POST', workloads(namespace, plural), object);
      expect(status, JSON.stringify(body)).toBe(201);
    }

    async function refuseUpdates(name: string): Promise<void> {
      const admission = '/apis/admissionregistration.k8s.io/v1';
      const resourceRules = [
        { apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'], operations: ['UPDATE'] },
      ];
      const validations = [{ expression: `object.metadata.name != '${name}'`, message: 'change freeze' }];
      const spec = { matchConstraints: { resourceRules }, validations };
      await cluster.api('POST', `${admission}/validatingadmissionpolicies`, { metadata: { name }, spec });
      await cluster.api('POST', `${admission}/validatingadmissionpolicybindings`, {
        metadata: { name },
        spec: { policyName: name, validationActions: ['Deny'] },
      });
    }

    async function stored(name: string, plural: Plural = 'deployments', namespace = 'team'): Promise<Stored> {
      const { body } = await cluster.api('GET', asked(namespace, plural, name));
      return body as Stored;
    }

    /** Milliseconds since the epoch. */
    async function restartedAt(name: string, plural: Plural = 'deployments'): Promise<number> {
      const { annotations } = (await stored(name, plural)).spec.template.metadata;
      return Date.parse(annotations['kubectl.kubernetes.io/restartedAt'] ?? '');
    }

    function untilRestarted(name: string, plural: Plural): Promise<number> {
      return eventually(
        `${name} is restarted`,
        async () => {
          const at = await restartedAt(name, plural);
          return at > Date.now() + LATER_MS - 10 * MINUTE ? at : undefined;
        },
        PATIENT,
      );
    }

    function untilEvent(regarding: string, text: string): Promise<string> {
      return eventually(
        `an Event of ${regarding} says ${text}`,
        async () => {
          const { body } = await cluster.api('GET', '/apis/events.k8s.io/v1/namespaces/team/events');
          const { items } = body as {
            items: { reason: string; note: string; regarding: { name: string } }[];
          };
          return items
            .filter((event) => event.regarding.name === regarding)
            .map(({ reason, note }) => `${reason}: ${note}`)
            .find((event) => event.includes(text));
        },
        PATIENT,
      );
    }

    it('leaves all of them alone while their credentials are absent', async () => {
      await untilEvent('often', 'RestartRefused');
      expect((await stored('first', 'statefulsets')).metadata.generation).toBe(1);
    });

    it('restarts what is due, the most overdue first, with half a minute between two', async () => {
      await eventually(
        'tbot has written',
        async () => {
          const start = await tbot.start();
          if (start.kind === 'ended' || start.services.length === 0) return undefined;
          return (await tbot.renew()).size === 0 || undefined;
        },
        PATIENT,
      );
      const first = await untilRestarted('first', 'statefulsets');
      const second = await untilRestarted('second', 'daemonsets');
      const third = await untilRestarted('third', 'deployments');
      // The annotation has whole seconds.
      expect(second - first).toBeGreaterThanOrEqual(BETWEEN_MS - 1_000);
      expect(third - second).toBeGreaterThanOrEqual(BETWEEN_MS - 1_000);
      expect(await untilEvent('third', 'WorkloadRestarted')).toContain('outputs one');
      expect((await stored('third')).metadata.generation).toBe(2);
    });

    it.each([
      ['often', 'found "1h"; expected a duration from 12h'],
      ['short', 'set bots.hour.tbot.credential_ttl: 12h20m or more'],
      ['foreign', 'found "three"; expected an output granted to namespace team: one or two'],
    ])('refuses %s, and records why', async (name, why) => {
      expect(await untilEvent(name, 'RestartRefused')).toContain(why);
      expect((await stored(name)).metadata.generation).toBe(1);
    });

    it('records that the API server refuses a restart, and begins with others', async () => {
      expect(await untilEvent('blocked', 'RestartFailed')).toContain('change freeze');
    });

    it('restarts nothing too early, nothing that is paused or has no pods, and nothing in a namespace that has not opted in', async () => {
      expect((await stored('early')).metadata.generation).toBe(1);
      expect((await stored('paused')).metadata.generation).toBe(1);
      expect((await stored('idle')).metadata.generation).toBe(1);
      expect((await stored('elsewhere', 'deployments', 'left')).metadata.generation).toBe(1);
    });

    it('counts what it restarted', async () => {
      const text = await (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text();
      expect(text).toContain('tbot_injector_workload_restarts_total{outcome="done"} 3\n');
      expect(text).toContain('tbot_injector_unrestartable_workloads 3\n');
      expect(text).toMatch(/tbot_injector_workload_restarts_total\{outcome="failed"\} [1-9]/);
    });

    describe('has an account', () => {
      let api: Api;
      let close: () => void;

      beforeAll(async () => {
        const token = await mintToken(cluster, { namespace: OURS, name: 'tbot-injector-controller' });
        ({ api, close } = connect(cluster.url, cluster.ca, { token }));
      });

      afterAll(() => {
        close();
      });

      it('that may restart, and nothing else', async () => {
        const path = asked('team', 'deployments', 'third');
        expect((await attempt(api, merge('restart', path, restart()))).status).toBe(200);
        for (const body of [
          { spec: { replicas: 0 } },
          { spec: { template: { spec: { containers: [{ name: 'app', image: 'evil' }] } } } },
          { metadata: { annotations: { a: 'b' } } },
        ]) {
          const refused = await attempt(api, merge('change', path, body));
          expect(refused.body).toHaveProperty(
            'message',
            expect.stringContaining('guardrail-controller-workloads'),
          );
        }
        const elsewhere = merge('restart', asked('left', 'deployments', 'elsewhere'), restart());
        expect((await attempt(api, elsewhere)).status).toBe(403);
      });
    });
  },
);
