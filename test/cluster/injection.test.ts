import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { startCluster, type Cluster } from './harness/cluster.ts';
import { startClusterWebhook, type ClusterWebhook } from './harness/webhook.ts';
import { installWebhookEntries } from './harness/webhook-entries.ts';

const OPTED_IN = { 'tbot-injector.io/injection': 'enabled' };
const ASKS = { 'tbot-injector.io/outputs': 'identity-output' };

interface Pod {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly volumes?: readonly { readonly name: string }[];
    readonly containers: readonly { readonly env?: unknown[]; readonly volumeMounts?: unknown[] }[];
  };
}

function pod(name: string, annotations: Record<string, string> = {}, spec: object = {}): object {
  const containers = [{ name: 'app', image: 'registry.example/app:1' }];
  return {
    metadata: { name, annotations },
    spec: { securityContext: { fsGroup: 1000 }, containers, ...spec },
  };
}

function deployment(namespace: string, annotations: Record<string, string>): string {
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'app', namespace },
    spec: {
      selector: { matchLabels: { app: 'app' } },
      template: {
        metadata: { labels: { app: 'app' }, annotations },
        spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }] },
      },
    },
  });
}

describe.skipIf(inject('programs').kind === 'missing')('the webhook in a cluster', () => {
  let cluster: Cluster;
  let webhook: ClusterWebhook;

  beforeAll(async () => {
    cluster = await startCluster();
    await cluster.createNamespace('opted-in', OPTED_IN);
    await cluster.createNamespace('bystander');
    webhook = await startClusterWebhook(cluster, 'examples/config.yaml');
    await installWebhookEntries(cluster, webhook);
  });

  afterAll(async () => {
    await webhook.end('SIGKILL');
    await cluster.stop();
  });

  const create = (namespace: string, object: object) =>
    cluster.api('POST', `/api/v1/namespaces/${namespace}/pods`, object);
  const read = async (namespace: string, name: string): Promise<Pod> => {
    return (await cluster.api('GET', `/api/v1/namespaces/${namespace}/pods/${name}`)).body as Pod;
  };

  it('injects the consumer of the guide, created for real and read back', async () => {
    const example = parse(await readFile('examples/consumer.yaml', 'utf8')) as {
      metadata: { annotations: Record<string, string> };
      spec: object;
    };
    expect(
      (
        await create('opted-in', {
          ...example,
          metadata: { name: 'consumer', annotations: example.metadata.annotations },
        })
      ).status,
    ).toBe(201);
    const { metadata, spec } = await read('opted-in', 'consumer');
    expect(metadata.annotations).toHaveProperty(
      ['tbot-injector.io/injected'],
      '{"outputs":["identity-output"]}',
    );
    expect(spec.volumes).toContainEqual(
      expect.objectContaining({
        name: 'tbot-output-identity-output',
        secret: expect.objectContaining({
          secretName: 'identity-output',
          optional: false,
          defaultMode: 0o444,
        }) as object,
      }),
    );
    expect(spec.containers[0]?.volumeMounts).toContainEqual(
      expect.objectContaining({
        name: 'tbot-output-identity-output',
        mountPath: '/identity-output',
        readOnly: true,
      }),
    );
    expect(spec.containers[0]?.env).toEqual([
      { name: 'TELEPORT_PROXY', value: 'example.teleport.sh:443' },
      { name: 'TELEPORT_IDENTITY_FILE', value: '/identity-output/identity' },
    ]);
  });

  it('injects the pod of the guide that runs tbot', async () => {
    await cluster.api('POST', '/api/v1/namespaces/opted-in/serviceaccounts', { metadata: { name: 'tbot' } });
    const { code, stderr } = await cluster.kubectl(
      ['create', '--namespace', 'opted-in', '--filename', '-'],
      (await readFile('examples/tbot.yaml', 'utf8')).replace('namespace: default', 'namespace: opted-in'),
    );
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const { spec } = await read('opted-in', 'tbot');
    expect(spec.volumes).toContainEqual({
      name: 'join-sa-token',
      projected: {
        defaultMode: 0o644,
        sources: [
          {
            serviceAccountToken: {
              audience: 'example.teleport.sh',
              expirationSeconds: 600,
              path: 'join-sa-token',
            },
          },
        ],
      },
    });
    expect(spec.containers[0]?.volumeMounts).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          name: 'join-sa-token',
          mountPath: '/var/run/secrets/tokens',
          readOnly: true,
        }),
        expect.objectContaining({ name: 'tbot-config', mountPath: '/config', readOnly: true }),
      ]),
    );
    expect(spec.containers[0]?.env).toEqual([
      {
        name: 'POD_NAMESPACE',
        valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } },
      },
      { name: 'KUBERNETES_TOKEN_PATH', value: '/var/run/secrets/tokens/join-sa-token' },
    ]);
  });

  it('injects a pod in a namespace that was made a moment before', async () => {
    for (let turn = 0; turn < 5; turn++) {
      await cluster.createNamespace(`new-${turn}`, OPTED_IN);
      expect((await create(`new-${turn}`, pod('app', ASKS))).status).toBe(201);
      const { metadata } = await read(`new-${turn}`, 'app');
      expect(metadata.annotations).toHaveProperty(['tbot-injector.io/injected']);
    }
  });

  it('gets no review for pods that did not opt in', async () => {
    const before = await webhook.reviews();
    expect((await create('bystander', pod('asks', ASKS))).status).toBe(201);
    expect((await create('opted-in', pod('silent'))).status).toBe(201);
    expect(await webhook.reviews()).toBe(before);
    expect((await create('opted-in', pod('asks', ASKS))).status).toBe(201);
    expect(await webhook.reviews()).toBe(before + 1);
  });

  it('shows the author of a pod what is refused, with the fix', async () => {
    const wrong = {
      apiVersion: 'v1',
      kind: 'Pod',
      ...pod('wrong', { 'tbot-injector.io/output': 'identity-output' }),
    };
    const argv = ['create', '--namespace', 'opted-in', '--filename', '-'];
    const { code, stderr } = await cluster.kubectl(argv, JSON.stringify(wrong));
    expect(code).toBe(1);
    expect(stderr).toContain(
      'admission webhook "mutate.tbot-injector.io" denied the request: tbot-injector.io/output: found an annotation that is not known',
    );
    expect(stderr).toContain('Fix: write tbot-injector.io/outputs');
  });

  it('shows the author of a pod a warning', async () => {
    const { warnings } = await create('opted-in', pod('warned', ASKS, { securityContext: {} }));
    expect(warnings).toEqual([expect.stringContaining('set spec.securityContext.fsGroup')]);
  });

  it('shows the author of a Deployment, at apply time, what its pods will be refused for', async () => {
    const { code, stderr, stdout } = await cluster.kubectl(
      ['apply', '--filename', '-'],
      deployment('opted-in', { 'tbot-injector.io/outputs': 'identity' }),
    );
    expect([code, stdout]).toEqual([0, 'deployment.apps/app created\n']);
    expect(stderr).toContain(
      'Warning: pods of this Deployment will be refused: tbot-injector.io/outputs: found "identity"; expected an output granted to namespace opted-in: identity-output.',
    );
  });

  it('shows the author of a Deployment that an annotation stands in the wrong place', async () => {
    const misplaced = JSON.parse(deployment('opted-in', {})) as { metadata: Record<string, unknown> };
    misplaced.metadata = { name: 'misplaced', namespace: 'opted-in', annotations: ASKS };
    const { code, stderr } = await cluster.kubectl(['create', '--filename', '-'], JSON.stringify(misplaced));
    expect(code).toBe(0);
    expect(stderr).toBe(
      'Warning: tbot-injector.io/outputs on the Deployment itself has no effect: move it to spec.template.metadata.annotations\n',
    );
  });

  describe('while it is down', () => {
    beforeAll(() => webhook.end('SIGKILL'));

    it('does not hinder pods that did not opt in', async () => {
      expect((await create('bystander', pod('asks-while-down', ASKS))).status).toBe(201);
      expect((await create('opted-in', pod('silent-while-down'))).status).toBe(201);
      const { code } = await cluster.kubectl(
        ['apply', '--filename', '-'],
        deployment('opted-in', { ...ASKS, other: 'x' }),
      );
      expect(code).toBe(0);
    });

    it('starts no opted-in pod without identity', async () => {
      const { status, body } = await create('opted-in', pod('asks-while-down', ASKS));
      expect(status).toBe(500);
      expect((body as { message: string }).message).toContain(
        'failed calling webhook "mutate.tbot-injector.io"',
      );
    });
  });
});
