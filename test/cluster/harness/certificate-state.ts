import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { namesOfRelease } from '../../../src/controller/names.ts';
import type { Cluster } from './cluster.ts';
import type { Release } from './controller-account.ts';

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const KINDS = ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'] as const;

export interface Configuration {
  readonly metadata: { readonly resourceVersion: string };
  readonly webhooks: readonly {
    readonly name: string;
    readonly clientConfig: { readonly caBundle?: string };
  }[];
}

/** What is stored and published, read with every right. */
export interface CertificateState {
  /** Decoded; undefined where there is no such Secret. */
  readonly authority: Readonly<Record<string, string>> | undefined;
  readonly serving: Readonly<Record<string, string>> | undefined;
  /** Of every entry of both configurations, PEM. */
  readonly bundles: readonly (string | undefined)[];
}

export function configurationPaths({ fullname }: Release): readonly string[] {
  return KINDS.map((kind) => `${ADMISSION}/${kind}/${fullname}`);
}

export function secretPath({ namespace, fullname }: Release, which: 'caSecret' | 'servingSecret'): string {
  return `/api/v1/namespaces/${namespace}/secrets/${namesOfRelease(fullname)[which]}`;
}

/** Two mutating entries and a validating one, without a caBundle: what a chart installs. They match nothing. */
export async function installConfigurations(cluster: Cluster, { fullname }: Release): Promise<void> {
  const entry = (name: string) => ({
    name: `${name}.tbot-injector.io`,
    clientConfig: { url: `https://127.0.0.1:1/${name}` },
    rules: [
      { apiGroups: ['none.example'], apiVersions: ['v1'], resources: ['nones'], operations: ['CREATE'] },
    ],
    failurePolicy: 'Ignore',
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
  });
  const entries = { [KINDS[0]]: [entry('mutate'), entry('again')], [KINDS[1]]: [entry('check')] };
  for (const kind of KINDS) {
    const metadata = { name: fullname, labels: { 'app.kubernetes.io/managed-by': 'Helm' } };
    const { status, body } = await cluster.api('POST', `${ADMISSION}/${kind}`, {
      metadata,
      webhooks: entries[kind],
    });
    if (status !== 201) throw new Error(`POST ${kind}: ${JSON.stringify(body)}`);
  }
}

export async function readState(cluster: Cluster, release: Release): Promise<CertificateState> {
  const [authority, serving] = [
    await readSecret(cluster, secretPath(release, 'caSecret')),
    await readSecret(cluster, secretPath(release, 'servingSecret')),
  ];
  const bundles: (string | undefined)[] = [];
  for (const path of configurationPaths(release)) {
    const { status, body } = await cluster.api('GET', path);
    if (status !== 200) continue;
    for (const { clientConfig } of (body as Configuration).webhooks)
      bundles.push(decode(clientConfig.caBundle));
  }
  return { authority, serving, bundles };
}

/** Exchanges the data of a Secret for others, whatever they are. */
export async function replaceSecret(
  cluster: Cluster,
  path: string,
  data: Readonly<Record<string, string>>,
): Promise<void> {
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  const patch = [{ op: 'add', path: '/data', value: Object.fromEntries(encoded) as object }];
  const { status, body } = await cluster.api('PATCH', path, patch, 'application/json-patch+json');
  if (status !== 200) throw new Error(`PATCH ${path}: ${JSON.stringify(body)}`);
}

/**
 * Whether a client that trusts only `bundle`, as API servers do, can talk to a server with the stored pair under its
 * Service's name; undefined when it can, else what is in the way.
 */
async function handshakeFault(
  { serving }: CertificateState,
  bundle: string | undefined,
  name: string,
): Promise<string | undefined> {
  try {
    const server = createServer({ cert: serving?.['tls.crt'], key: serving?.['tls.key'] });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      const socket = connect({ host: '127.0.0.1', port, servername: name, ca: bundle ?? 'none' });
      await once(socket, 'secureConnect');
      socket.destroy();
      return undefined;
    } finally {
      server.close();
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Of the first of all entries that does not trust the stored pair; undefined when all do. */
export async function servingFault(cluster: Cluster, release: Release): Promise<string | undefined> {
  const state = await readState(cluster, release);
  if (state.bundles.length === 0) return 'there are no entries';
  const { service } = namesOfRelease(release.fullname);
  for (const bundle of state.bundles) {
    const fault = await handshakeFault(state, bundle, `${service}.${release.namespace}.svc`);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

async function readSecret(cluster: Cluster, path: string): Promise<Record<string, string> | undefined> {
  const { status, body } = await cluster.api('GET', path);
  if (status !== 200) return undefined;
  const { data = {} } = body as { data?: Record<string, string> };
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, decode(value) ?? '']));
}

function decode(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString();
}
