import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { stringify } from 'yaml';
import { ASKS, createPod, isFine, OPTED_IN } from '../load/admissions.ts';
import type { WebhookProcess } from '../webhook-process.ts';
import { startCluster, type Cluster } from './harness/cluster.ts';
import { createAuthority, createLeaf, type PemPair } from './harness/credentials.ts';
import { freePort } from './harness/ports.ts';
import { startReplica, writeWebhookFiles, type WebhookFiles } from './harness/webhook.ts';
import { installWebhookEntries } from './harness/webhook-entries.ts';

const NAME = 'webhook-caller';

/** What the API server shows to the webhook at this address, and to no other. */
function kubeconfig(address: string, { certificate, key }: PemPair): string {
  const user = { 'client-certificate-data': btoa(certificate), 'client-key-data': btoa(key) };
  return stringify({ apiVersion: 'v1', kind: 'Config', users: [{ name: address, user }] });
}

function admissionConfiguration(kubeConfigFile: string): string {
  const apiVersion = 'apiserver.config.k8s.io/v1';
  const configuration = { apiVersion, kind: 'WebhookAdmissionConfiguration', kubeConfigFile };
  const plugins = ['MutatingAdmissionWebhook', 'ValidatingAdmissionWebhook'].map((name) => ({
    name,
    configuration,
  }));
  return stringify({ apiVersion, kind: 'AdmissionConfiguration', plugins });
}

describe.skipIf(inject('programs').kind === 'missing')('where only the API server may ask', () => {
  let folder: string;
  let cluster: Cluster;
  let files: WebhookFiles;
  let port: number;
  let flags: readonly string[];
  const running: WebhookProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'webhook-clients-'));
    const write = async (name: string, text: string): Promise<string> => {
      await writeFile(join(folder, name), text, { mode: 0o600 });
      return join(folder, name);
    };
    port = await freePort();
    const authority = await createAuthority('api-server-clients');
    const client = await createLeaf(authority, { commonName: NAME });
    const shown = await write('kubeconfig.yaml', kubeconfig(`127.0.0.1:${port}`, client));
    const configuration = await write('admission.yaml', admissionConfiguration(shown));
    flags = ['--client-ca', await write('clients.crt', authority.certificate), '--client-names', NAME];
    cluster = await startCluster(undefined, [`--admission-control-config-file=${configuration}`]);
    await cluster.createNamespace('opted-in', OPTED_IN);
    files = await writeWebhookFiles(cluster, 'examples/config.yaml');
  });

  afterAll(async () => {
    for (const webhook of running) await webhook.end('SIGKILL');
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function serve(...more: string[]): Promise<void> {
    const webhook = await startReplica(files, ...flags, ...more);
    running.push(webhook);
    await installWebhookEntries(cluster, { url: webhook.url, caBundle: files.caBundle });
  }

  it('the API server that shows its certificate is answered', async () => {
    await serve('--port', String(port));
    expect(await createPod(cluster.api, { namespace: 'opted-in', annotations: ASKS })).toSatisfy(isFine);
  });

  it('the API server that shows none is refused, in words', async () => {
    await serve();
    const { status, message } = await createPod(cluster.api, { namespace: 'opted-in', annotations: ASKS });
    expect(status).toBe(500);
    expect(message).toContain('found no client certificate; expected a client certificate that --client-ca');
  });
});
