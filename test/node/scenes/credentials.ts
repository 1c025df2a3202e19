import { beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';

import { eventually } from '../../cluster/harness/eventually.ts';
import { printImage, type Site } from '../harness/site.ts';
import { untilAvailable, untilPod } from '../harness/wait.ts';
import { SYSTEM } from './installation.ts';

const TEAM = 'e2e-payments';
const LATE = 'e2e-payments-late';
const OUTPUT = 'payments-identity';
const FOLDER = '/identity-output';

/** From the Secret to the pod, by the tests' own tbot. */
export function credentials(here: () => Site): void {
  let site: Site;

  beforeAll(async () => {
    site = here();
    await site.createNamespace(TEAM, { 'tbot-injector.io/injection': 'enabled' });
    await untilAvailable(site.api, SYSTEM, 'tbot-injector-bot-payments-0');
  });

  it('is waited for by a pod of a namespace that is new, and is whole when the pod starts', async () => {
    await site.createNamespace(LATE, { 'tbot-injector.io/injection': 'enabled' });
    await createReader(LATE, 'early', {});
    const { status } = await untilPod(site.api, LATE, 'early', 'Succeeded', 120);
    const started = status.containerStatuses?.[0]?.state.terminated?.startedAt ?? '';
    const secrets = `/api/v1/namespaces/${LATE}/secrets/${OUTPUT}`;
    const { managedFields } = ((await site.api('GET', secrets)).body as Secret).metadata;
    const written = managedFields.find(({ manager }) => manager === 'tbot')?.time ?? 'never';
    expect(Date.parse(started)).toBeGreaterThanOrEqual(Date.parse(written));
    expect((await read(LATE, 'early')).map(({ name }) => name)).toContain('identity');
  });

  it.each([
    { name: 'of the group', context: { fsGroup: 1234 }, mode: '440' },
    { name: 'of no group', context: {}, mode: '444' },
  ])('is read by a user $name, with mode $mode', async ({ name, context, mode }) => {
    const pod = name.replaceAll(' ', '-');
    await createReader(TEAM, pod, { runAsUser: 4321, ...context });
    await untilPod(site.api, TEAM, pod, 'Succeeded');
    const files = await read(TEAM, pod);
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => file.mode !== mode || file.bytes === 0)).toEqual([]);
  });

  it('is written by a tbot that is ready', async () => {
    const path = `/api/v1/namespaces/${SYSTEM}/pods?labelSelector=app.kubernetes.io/component%3Dtbot`;
    const { body } = await site.api('GET', path);
    const [pod] = (body as { items: readonly { status: PodStatus }[] }).items;
    expect(pod?.status.containerStatuses).toMatchObject([{ ready: true, restartCount: 0 }]);
  });

  async function read(namespace: string, pod: string): Promise<readonly SeenFile[]> {
    const { stdout } = await site.kubectl(['logs', '--namespace', namespace, pod]);
    return JSON.parse(stdout) as readonly SeenFile[];
  }

  async function createReader(namespace: string, name: string, securityContext: object): Promise<void> {
    await eventually('the pod is admitted', async () => {
      const { status, body } = await site.api('POST', `/api/v1/namespaces/${namespace}/pods`, {
        metadata: { name, annotations: { 'tbot-injector.io/outputs': OUTPUT } },
        spec: {
          restartPolicy: 'Never',
          securityContext,
          containers: [
            { name: 'reader', image: printImage(site.image), command: ['/nodejs/bin/node', '--eval', READ] },
          ],
        },
      });
      if (status !== 201) throw new Error(JSON.stringify(body));
      return true;
    });
  }
}

interface PodStatus {
  readonly containerStatuses?: readonly { readonly ready: boolean; readonly restartCount: number }[];
}

interface Secret {
  readonly metadata: {
    readonly managedFields: readonly { readonly manager: string; readonly time: string }[];
  };
}

interface SeenFile {
  readonly name: string;
  readonly mode: string;
  readonly bytes: number;
}

/** Prints what a workload sees of its credential, having read all of it. */
const READ = `
const { readdirSync, readFileSync, statSync } = require('node:fs');
const files = readdirSync('${FOLDER}').filter((name) => !name.startsWith('..')).map((name) => {
  const file = '${FOLDER}/' + name;
  return { name, mode: (statSync(file).mode & 0o777).toString(8), bytes: readFileSync(file).length };
});
console.log(JSON.stringify(files));`;

/** Values with one bot, and a Teleport that the tests' own tbot carries with it. */
export async function credentialValues({ api }: Site): Promise<object> {
  const jwks = JSON.stringify((await api('GET', '/openid/v1/jwks')).body);
  const allow = [{ service_account: `${SYSTEM}:tbot-injector-bot-payments` }];
  const resources = [
    { kind: 'cluster_name', spec: { cluster_name: 'example.teleport.sh' } },
    {
      kind: 'token',
      metadata: { name: 'payments-bot' },
      spec: {
        roles: ['Bot'],
        join_method: 'kubernetes',
        bot_name: 'payments',
        kubernetes: { type: 'static_jwks', static_jwks: { jwks }, allow },
      },
    },
  ];
  const file = resources.map((resource) => stringify(resource)).join('---\n');
  return {
    bots: {
      payments: {
        join: { method: 'kubernetes', token: 'payments-bot' },
        namespaces: { names: [TEAM, LATE] },
        outputs: { [OUTPUT]: { secretName: OUTPUT, mountPath: FOLDER, tbot: { type: 'identity' } } },
      },
    },
    tbot: {
      deployment: {
        env: [{ name: 'PLAYER_AUTH_SERVICE', value: '/teleport/teleport.yaml' }],
        volumes: [{ name: 'teleport', configMap: { name: 'teleport' } }],
        volumeMounts: [{ name: 'teleport', mountPath: '/teleport' }],
      },
    },
    extraObjects: [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'teleport', namespace: SYSTEM },
        data: { 'teleport.yaml': file },
      },
    ],
  };
}
