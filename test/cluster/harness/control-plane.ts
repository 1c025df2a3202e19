import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ProgramFiles } from '../../../tools/find.ts';
import { createAuthority, createKey, createLeaf, type PemPair } from './credentials.ts';
import { eventually } from './eventually.ts';
import { freePort } from './ports.ts';
import type { RunningProgram, startProgram } from './program.ts';

/** Where a control plane runs. */
export interface Place {
  /** The folder in which its own is made. */
  readonly parent: string;
  readonly start: typeof startProgram;
  /** Of the API server, beside that of loopback. */
  readonly addresses: readonly string[];
  /** Makes a port of its loopback one of the machine's. */
  readonly reach?: (port: number) => Promise<void>;
}

/** What it is made of, and what its users run. */
export type ClusterFiles = ProgramFiles<'etcd' | 'kube-apiserver' | 'kubectl' | 'helm' | 'helm3'>;

/** Everything that outlives a restart of the API server: where it listens, its keys, its database. */
export interface ControlPlane {
  readonly folder: string;
  readonly files: ClusterFiles;
  readonly place: Place;
  readonly url: string;
  readonly authority: PemPair;
  readonly etcdUrl: string;
}

/** Prepares keys and certificates in `folder`. */
export async function prepareControlPlane(
  folder: string,
  files: ClusterFiles,
  place: Place,
): Promise<ControlPlane> {
  const [port, etcdPort] = [await freePort(), await freePort()];
  const authority = await createAuthority('test-cluster-ca');
  const serving = await createLeaf(authority, {
    commonName: 'kube-apiserver',
    addresses: ['127.0.0.1', ...place.addresses],
    names: ['localhost'],
  });
  const serviceAccounts = await createKey();
  const write = (name: string, text: string) => writeFile(join(folder, name), text, { mode: 0o600 });
  await write('ca.crt', authority.certificate);
  await write('serving.crt', serving.certificate);
  await write('serving.key', serving.key);
  await write('service-accounts.key', serviceAccounts.privateKey);
  const urls = { url: `https://127.0.0.1:${port}`, etcdUrl: `http://127.0.0.1:${etcdPort}` };
  return { folder, files, place, authority, ...urls };
}

/** Starts etcd. Starting it again after a stop finds the same data at the same address. */
export function startEtcd({ folder, files, place, etcdUrl }: ControlPlane): RunningProgram {
  const args = [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${etcdUrl}`,
    `--advertise-client-urls=${etcdUrl}`,
    '--listen-peer-urls=http://127.0.0.1:0',
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
  return place.start('etcd', files.etcd, args, join(folder, 'etcd.log'));
}

/** Starts the API server. Starting it again after a stop finds the same objects at the same address. */
export function startApiServer(plane: ControlPlane, extra: readonly string[] = []): RunningProgram {
  const file = (name: string) => join(plane.folder, name);
  const args = [
    `--etcd-servers=${plane.etcdUrl}`,
    `--secure-port=${new URL(plane.url).port}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none',
    `--tls-cert-file=${file('serving.crt')}`,
    `--tls-private-key-file=${file('serving.key')}`,
    `--client-ca-file=${file('ca.crt')}`,
    `--service-account-issuer=${plane.url}`,
    `--service-account-signing-key-file=${file('service-accounts.key')}`,
    `--service-account-key-file=${file('service-accounts.key')}`,
    '--authorization-mode=Node,RBAC',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--allow-privileged=true',
    '--profiling=false',
    ...extra,
  ];
  return plane.place.start('kube-apiserver', plane.files['kube-apiserver'], args, file('kube-apiserver.log'));
}

/** Waits until `isReady`; a program that ends meanwhile is an error at once, with the end of its log. */
export async function untilReady(
  running: readonly RunningProgram[],
  isReady: () => Promise<boolean>,
): Promise<void> {
  let dead: RunningProgram | undefined;
  const check = async () => {
    dead = running.find((program) => program.ended() !== undefined);
    return dead !== undefined || (await isReady()) || undefined;
  };
  const failure = await eventually('the API server is ready', check, { seconds: 60, everyMs: 100 }).then(
    () => dead && `${dead.name}: ${dead.ended() ?? ''}`,
    (error: unknown) => String(error),
  );
  if (failure === undefined) return;
  const logs = running.map((program) => `--- ${program.name}\n${program.logTail()}`);
  throw new Error([failure, ...logs].join('\n'));
}
