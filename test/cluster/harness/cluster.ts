import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { inject } from 'vitest';

import type { ProgramFiles } from '../../../tools/find.ts';
import { type Api, connect } from './api.ts';
import { type Finished, runCommand } from './command.ts';
import { startApiServer, startEtcd, untilReady } from './control-plane.ts';
import { createLeaf } from './credentials.ts';
import { printKubeconfig } from './kubeconfig.ts';
import { createNamespace } from './namespace.ts';
import type { RunningProgram } from './program.ts';

/** A real etcd and API server on loopback: no kubelet, no controllers but those inside the API server. */
export interface Cluster {
  readonly url: string;
  /** PEM of the authority that signed the API server's certificate. */
  readonly ca: string;
  /** File of a kubeconfig with every right. */
  readonly kubeconfig: string;
  /** Logs and data; gone after `stop`. */
  readonly folder: string;
  /** Requests with every right. For other callers: `connect(cluster.url, cluster.ca, caller)`. */
  readonly api: Api;
  kubectl(args: readonly string[], stdin?: string): Promise<Finished>;
  helm(args: readonly string[], stdin?: string): Promise<Finished>;
  /** Creates the namespace and its `default` ServiceAccount, which a controller makes in a whole cluster. */
  createNamespace(name: string, labels?: Readonly<Record<string, string>>): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a cluster of its own for a test file; `stop` it in `afterAll`. */
export async function startCluster(files: ProgramFiles = providedFiles()): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'tbot-injector-cluster-'));
  const running: RunningProgram[] = [];
  try {
    const plane = await startEtcd(folder, files);
    running.push(plane.etcd);
    running.push(startApiServer(plane));
    const { url, authority } = plane;
    const admin = await createLeaf(authority, { commonName: 'admin', organization: 'system:masters' });
    const { api, close } = connect(url, authority.certificate, { client: admin });
    await untilReady(running, async () => (await api('GET', '/readyz')).status === 200);
    const kubeconfig = join(folder, 'kubeconfig.yaml');
    await writeFile(kubeconfig, printKubeconfig(url, authority.certificate, admin), { mode: 0o600 });
    // Both write caches and settings under HOME: one cluster's must not be another's, nor the person's own.
    const env = { ...process.env, KUBECONFIG: kubeconfig, HOME: folder };
    return {
      url,
      ca: authority.certificate,
      kubeconfig,
      folder,
      api,
      kubectl: (args, stdin) =>
        runCommand(files.kubectl, args, { env, ...(stdin !== undefined && { stdin }) }),
      helm: (args, stdin) => runCommand(files.helm, args, { env, ...(stdin !== undefined && { stdin }) }),
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

function providedFiles(): ProgramFiles {
  const programs = inject('programs');
  if (programs.kind === 'missing') throw new Error(programs.reason);
  return programs.files;
}
