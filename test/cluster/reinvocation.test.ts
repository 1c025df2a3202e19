import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { startCluster, type Cluster } from './harness/cluster.ts';
import { startSidecarInjector } from './harness/sidecar-injector.ts';
import { startClusterWebhook, type ClusterWebhook } from './harness/webhook.ts';
import { installWebhookEntries } from './harness/webhook-entries.ts';

interface Container {
  readonly name: string;
  readonly volumeMounts?: readonly { readonly name: string }[];
}

describe.skipIf(inject('programs').kind === 'missing')('a mesh whose webhook comes after ours', () => {
  let cluster: Cluster;
  let webhook: ClusterWebhook;
  let mesh: { stop(): Promise<void> } | undefined;

  beforeAll(async () => {
    cluster = await startCluster();
    webhook = await startClusterWebhook(cluster, 'examples/config.yaml');
    await installWebhookEntries(cluster, webhook);
  });

  afterEach(() => mesh?.stop());

  afterAll(async () => {
    await webhook.end('SIGKILL');
    await cluster.stop();
  });

  async function containersWith(sidecar: string, app: object): Promise<readonly Container[]> {
    mesh = await startSidecarInjector(cluster, sidecar);
    await cluster.createNamespace(sidecar, { mesh: sidecar, 'tbot-injector.io/injection': 'enabled' });
    const { status, body } = await cluster.api('POST', `/api/v1/namespaces/${sidecar}/pods`, {
      metadata: { name: 'app', annotations: { 'tbot-injector.io/outputs': 'identity-output' } },
      spec: { containers: [{ name: 'app', image: 'registry.example/app:1', ...app }] },
    });
    expect(status, JSON.stringify(body)).toBe(201);
    return (body as { spec: { containers: Container[] } }).spec.containers;
  }

  const mounted = (containers: readonly Container[]): string[] =>
    containers
      .filter(({ volumeMounts = [] }) =>
        volumeMounts.some(({ name }) => name === 'tbot-output-identity-output'),
      )
      .map(({ name }) => name);

  it('gets its container injected as well: the webhook is called again', async () => {
    const containers = await containersWith('helper', {});
    expect(containers.map(({ name }) => name)).toEqual(['app', 'helper']);
    expect(mounted(containers)).toEqual(['app', 'helper']);
  });

  it('is not refused for the file mode that suited the containers before it', async () => {
    // Alone the app, which runs as root, gets 0400; with a container of an unknown user beside it, it would be 0444.
    const containers = await containersWith('helper-of-root', { securityContext: { runAsUser: 0 } });
    expect(mounted(containers)).toEqual(['app', 'helper-of-root']);
  });

  it('is left out where it is a known proxy', async () => {
    expect(mounted(await containersWith('istio-proxy', {}))).toEqual(['app']);
  });
});
