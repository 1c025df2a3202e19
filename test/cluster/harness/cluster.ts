import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { inject } from 'vitest';

import { type Api, connect } from './api.ts';
import { type Finished, runCommand } from './command.ts';
import {
  type ClusterFiles,
  type ControlPlane,
  type Place,
  prepareControlPlane,
  startApiServer,
  startEtcd,
  untilReady,
} from './control-plane.ts';
import { createLeaf } from './credentials.ts';
import { printKubeconfig } from './kubeconfig.ts';
import { createNamespace } from './namespace.ts';
import { type RunningProgram, startProgram } from './program.ts';
import { Restartable } from './restartable.ts';

/** A real etcd and API server on loopback: no kubelet, no controllers but those inside the API server. */
export interface Cluster {
  readonly url: string;
  /** PEM of the authority that signed the API server's certificate. */
  readonly ca: string;
  /** File of a kubeconfig with every right. */
  readonly kubeconfig: string;
  /** Its keys and ports. */
  readonly plane: ControlPlane;
  /** Logs and data; gone after `stop`. */
  readonly folder: string;
  /** Requests with every right. For other callers: `connect(cluster.url, cluster.ca, caller)`. */
  readonly api: Api;
  kubectl(args: readonly string[], stdin?: string): Promise<Finished>;
  helm(args: readonly string[], stdin?: string): Promise<Finished>;
  helm3(args: readonly string[], stdin?: string): Promise<Finished>;
  /** For tests of outages. */
  readonly etcd: Restartable;
  readonly apiServer: Restartable;
  /** Waits until the API server answers that it is ready. */
  untilReady(): Promise<void>;
  /** Creates the namespace and its `default` ServiceAccount, which a controller makes in a whole cluster. */
  createNamespace(name: string, labels?: Readonly<Record<string, string>>): Promise<void>;
  stop(): Promise<void>;
}

/** On the machine itself. */
const LOOPBACK: Place = { parent: tmpdir(), start: startProgram, addresses: [] };

/** Starts a cluster of its own for a test file; `stop` it in `afterAll`. */
export async function startCluster(
  files: ClusterFiles = providedFiles(),
  apiServerFlags: readonly string[] = [],
  place = LOOPBACK,
): Promise<Cluster> {
  const folder = await mkdtemp(join(place.parent, 'tbot-injector-cluster-'));
  const running: RunningProgram[] = [];
  try {
    const plane = await prepareControlPlane(folder, files, place);
    const etcd = new Restartable(() => startEtcd(plane));
    running.push(etcd);
    const apiServer = new Restartable(() => startApiServer(plane, apiServerFlags));
    running.push(apiServer);
    const { url, authority } = plane;
    await place.reach?.(Number(new URL(url).port));
    const admin = await createLeaf(authority, { commonName: 'admin', organization: 'system:masters' });
    const { api, close } = connect(url, authority.certificate, { client: admin });
    const ready = () => untilReady(running, async () => (await api('GET', '/readyz')).status === 200);
    await ready();
    const kubeconfig = join(folder, 'kubeconfig.yaml');
    await writeFile(kubeconfig, printKubeconfig(url, authority.certificate, admin), { mode: 0o600 });
    // Both write caches and settings under HOME: one cluster's must not be another's, nor the person's own.
    const env = { ...process.env, KUBECONFIG: kubeconfig, HOME: folder };
    const run = (file: string, args: readonly string[], stdin?: string) =>
      runCommand(file, args, { env, ...(stdin !== undefined && { stdin }) });
    return {
      url,
      plane,
      ca: authority.certificate,
      kubeconfig,
      folder,
      api,
      kubectl: (args, stdin) => run(files.kubectl, args, stdin),
      helm: (args, stdin) => run(files.helm, args, stdin),
      helm3: (args, stdin) => run(files.helm3, args, stdin),
      etcd,
      apiServer,
      untilReady: ready,
      createNamespace: (name, labels) => createNamespace(api, name, labels),
      stop: async () => {
        close();
        await stopAll(running);
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await stopAll(running);
    throw new Error(`no test cluster; logs are in ${folder}`, { cause: error });
  }
}

async function stopAll(running: readonly RunningProgram[]): Promise<void> {
  for (const program of running.toReversed()) await program.stop();
}

function providedFiles(): ClusterFiles {
  const programs = inject('programs');
  if (programs.kind === 'missing') throw new Error(programs.reason);
  return programs.files;
}
