import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { expectGolden } from '../chart/golden.ts';
import { readState } from './harness/certificate-state.ts';
import { type Cluster, startCluster } from './harness/cluster.ts';
import { runCommand } from './harness/command.ts';
import { eventually } from './harness/eventually.ts';
import { CHART, Installation } from './harness/installation.ts';
import { freePort } from './harness/ports.ts';
import type { RunningProgram } from './harness/program.ts';
import { mountServingSecret, runDeployment } from './harness/run-deployment.ts';

const PATIENT = { seconds: 60, everyMs: 100 };

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'app',
    namespace: 'payments',
    annotations: { 'tbot-injector.io/outputs': 'payments-db' },
  },
  spec: {
    securityContext: { fsGroup: 1000 },
    containers: [{ name: 'app', image: 'registry.example/app:1' }],
  },
};

/** The way of the README, with our programs run as the chart's Deployments say. */
describe.skipIf(inject('programs').kind === 'missing')('a newcomer', () => {
  let cluster: Cluster;
  let installation: Installation;
  let url: string;
  const running: RunningProgram[] = [];
  let mount: { stop: () => void };

  beforeAll(async () => {
    cluster = await startCluster();
    await cluster.createNamespace('payments');
    await cluster.createNamespace('unlabelled');
    const port = await freePort();
    url = `https://127.0.0.1:${port}`;
    installation = new Installation(cluster, 'tbot-system', {
      valueFiles: [join(CHART, 'examples/team-bots.yaml')],
      // An API server on loopback has no way to Services.
      values: {
        webhook: { url, containerPort: port, healthPort: await freePort() },
        certificates: { servingNames: ['127.0.0.1'] },
      },
    });
  });

  afterAll(async () => {
    mount.stop();
    for (const program of running) await program.stop('SIGKILL');
    await cluster.stop();
  });

  it('installs the chart, whose notes name the next steps', async () => {
    const notes = await installation.install();
    expect(notes).toContain('service_account: "tbot-system:tbot-injector-bot-payments"');
    expect(notes).toContain('kubectl label namespace payments tbot-injector.io/injection=enabled');
    expect(notes).toContain('tbot-injector.io/outputs: payments-db');
    expect(notes).not.toContain('WARNING');
  });

  it('waits until controller and webhook are up, with certificates of their own', async () => {
    const tls = join(cluster.folder, 'tls');
    await mkdir(tls);
    mount = mountServingSecret(cluster, installation, tls);
    running.push(await runDeployment(cluster, installation, 'webhook', { 'tls-dir': tls }));
    const controllerPort = String(await freePort());
    running.push(await runDeployment(cluster, installation, 'controller', { 'health-port': controllerPort }));
    await eventually(
      'a review is answered by the name and CA that are published',
      async () => {
        const { serving, bundles } = await readState(cluster, RELEASE);
        if (bundles.some((bundle) => bundle === undefined)) return undefined;
        return (await helmTest(serving?.['ca.crt'] ?? '')).code === 0 || undefined;
      },
      PATIENT,
    );
  });

  it('sees a pod in a namespace without the label start as it is', async () => {
    const { stdout } = await cluster.kubectl([...DRY_RUN, '--output', 'json'], JSON.stringify(POD));
    expect(stdout).not.toContain('tbot-output-payments-db');
  });

  it('labels the namespace, annotates the pod, and sees it injected', async () => {
    const label = ['label', 'namespace', 'payments', 'tbot-injector.io/injection=enabled'];
    expect((await cluster.kubectl(label)).code).toBe(0);
    const pod = await eventually(
      'the pod is injected',
      async () => {
        const { code, stdout } = await cluster.kubectl([...DRY_RUN, '--output', 'json'], JSON.stringify(POD));
        return code === 0 && stdout.includes('tbot-output-payments-db') ? stdout : undefined;
      },
      PATIENT,
    );
    const { spec } = JSON.parse(pod) as { spec: { containers: [{ volumeMounts: object[] }] } };
    expect(spec.containers[0].volumeMounts).toContainEqual({
      name: 'tbot-output-payments-db',
      mountPath: '/var/run/teleport/payments-db',
      readOnly: true,
    });
  });

  it('is warned that the pod would wait, as long as tbot has written nothing', async () => {
    await eventually(
      'kubectl apply warns of it',
      async () => {
        const { stderr } = await cluster.kubectl(DRY_RUN, JSON.stringify(POD));
        return (
          stderr.includes('payments-db has not been written in payments yet: the pod will wait for it') ||
          undefined
        );
      },
      PATIENT,
    );
  });

  it('is warned at kubectl apply of every usual mistake', async () => {
    const outputs = await Promise.all(
      Object.entries(MISTAKES).map(async ([mistake, { namespace, ...annotations }]) => {
        const { code, stderr } = await cluster.kubectl(DRY_RUN, deployment(namespace, annotations));
        return `# ${mistake}: exit code ${String(code)}\n${stderr}`;
      }),
    );
    await expectGolden('mistakes.txt', outputs.join('\n'));
  });

  it('upgrades twice, and neither caBundle nor Secrets are touched', async () => {
    const before = await readState(cluster, RELEASE);
    await installation.helm('upgrade');
    await installation.helm('upgrade', '--set', 'webhook.mutate.timeoutSeconds=7');
    expect(await readState(cluster, RELEASE)).toEqual(before);
    expect(before.bundles[0]).toContain('BEGIN CERTIFICATE');
  });

  it('runs helm test, which fails while the webhook is away', async () => {
    const { serving } = await readState(cluster, RELEASE);
    expect(await helmTest(serving?.['ca.crt'] ?? '')).toMatchObject({
      code: 0,
      stdout: 'the webhook answers reviews over TLS with the published CA\n',
    });
    await running[0]?.stop('SIGKILL');
    const { code, stderr } = await helmTest(serving?.['ca.crt'] ?? '');
    expect(code).toBe(1);
    expect(stderr).toContain('Fix: look whether the pods of the webhook are ready');
  });

  it('cannot start the pod without its identity while the webhook is away', async () => {
    const { code, stderr } = await cluster.kubectl(DRY_RUN, JSON.stringify(POD));
    expect(code).toBe(1);
    expect(stderr).toContain('failed calling webhook "mutate.tbot-injector.io"');
  });

  it('uninstalls, and can start it again as it is', async () => {
    await installation.uninstall();
    await eventually(
      'the pod starts',
      async () => (await cluster.kubectl(DRY_RUN, JSON.stringify(POD))).code === 0 || undefined,
      PATIENT,
    );
  });

  /** What the hook's pod runs, with the URL of this cluster. */
  async function helmTest(ca: string) {
    const hook = (await installation.hooks()).find(({ kind }) => kind === 'Pod');
    const file = join(cluster.folder, 'helm-test-ca.crt');
    await writeFile(file, ca);
    const env = { ...process.env, WEBHOOK_URL: `${url}/mutate?timeout=10s`, WEBHOOK_CA: file };
    // The chart leaves the hook out where the webhook is behind a URL; its script is the same.
    expect(hook).toBeUndefined();
    const script = join(CHART, 'files/helm-test.mjs');
    return runCommand(process.execPath, [script], { env });
  }
});

const ASKS = { 'tbot-injector.io/outputs': 'payments-db' };

interface Mistake {
  readonly namespace: string;
  readonly onDeployment?: object;
  readonly onTemplate?: object;
}

const MISTAKES: Readonly<Record<string, Mistake>> = {
  'the annotation stands on the Deployment': { namespace: 'payments', onDeployment: ASKS },
  'the namespace has no label': { namespace: 'unlabelled', onTemplate: ASKS },
  'both at once': { namespace: 'unlabelled', onDeployment: ASKS },
  'there is no such output': {
    namespace: 'payments',
    onTemplate: { 'tbot-injector.io/outputs': 'payment-db' },
  },
  'the output is that of another team': {
    namespace: 'payments',
    onTemplate: { 'tbot-injector.io/outputs': 'search-app' },
  },
  'the annotation is misspelt': {
    namespace: 'payments',
    onTemplate: { 'tbot-injector.io/output': 'payments-db' },
  },
  'there is no such container': {
    namespace: 'payments',
    onTemplate: { ...ASKS, 'tbot-injector.io/containers': 'ap' },
  },
};

function deployment(namespace: string, { onDeployment, onTemplate }: Omit<Mistake, 'namespace'>): string {
  const labels = { app: 'app' };
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'app', namespace, annotations: onDeployment },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels, annotations: onTemplate }, spec: POD.spec },
    },
  });
}

const RELEASE = { namespace: 'tbot-system', fullname: 'tbot-injector' };
const DRY_RUN = ['apply', '--dry-run=server', '--filename', '-'];
