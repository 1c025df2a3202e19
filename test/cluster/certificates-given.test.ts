import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { configurationPaths, readState } from './harness/certificate-state.ts';
import { type Cluster, startCluster } from './harness/cluster.ts';
import { createAuthority } from './harness/credentials.ts';
import { installCrds } from './harness/crds.ts';
import { eventually } from './harness/eventually.ts';
import { Installation } from './harness/installation.ts';
import { freePort } from './harness/ports.ts';
import type { RunningProgram } from './harness/program.ts';
import { runDeployment } from './harness/run-deployment.ts';

const RELEASE = { namespace: 'tbot-system', fullname: 'tbot-injector' };
const PATIENT = { seconds: 90, everyMs: 200 };

describe.skipIf(inject('programs').kind === 'missing')('a given certificate', { timeout: 240_000 }, () => {
  let cluster: Cluster;
  let installation: Installation;
  let controller: RunningProgram;
  let ca: string;

  beforeAll(async () => {
    cluster = await startCluster();
    await installCrds(cluster);
    ca = (await createAuthority('ours')).certificate;
    const certificates = { source: 'secret', secret: { name: 'brought', caBundle: ca } };
    installation = new Installation(cluster, RELEASE.namespace, { values: { certificates } });
    await installation.install();
    controller = await runDeployment(cluster, installation, 'controller', {
      'health-port': String(await freePort()),
      'ca-bundle': await installation.writeFile('given-ca.pem', ca),
    });
  });

  afterAll(async () => {
    await controller.stop('SIGKILL');
    await cluster.stop();
  });

  const untilPublished = (): Promise<true> =>
    eventually(
      'the given CA is published',
      async () => {
        const { bundles } = await readState(cluster, RELEASE);
        return bundles.every((bundle) => bundle?.trim() === ca.trim()) || undefined;
      },
      PATIENT,
    );

  it('has its CA published by the controller, which issues none of its own', async () => {
    await untilPublished();
    const { authority, serving } = await readState(cluster, RELEASE);
    expect([authority, serving]).toEqual([undefined, undefined]);
  });

  it('is published again when its CA is removed from an entry', async () => {
    const [path = ''] = configurationPaths(RELEASE);
    const removal = [{ op: 'remove', path: '/webhooks/0/clientConfig/caBundle' }];
    await cluster.api('PATCH', path, removal, 'application/json-patch+json');
    await untilPublished();
  });

  it.each(['helm', 'helm3'] as const)(
    'can be replaced by those of cert-manager and of the controller, and back, by %s',
    async (helm) => {
      const sources = ['cert-manager', 'controller', 'secret', 'controller', 'cert-manager', 'secret'];
      for (const source of sources) {
        await installation.with(helm).helm('upgrade', '--set', `certificates.source=${source}`);
        const { bundles } = await readState(cluster, RELEASE);
        // At no time is an entry without a CA that API servers trust.
        expect(bundles.map((bundle) => bundle?.trim())).toEqual(bundles.map(() => ca.trim()));
      }
    },
  );
});
