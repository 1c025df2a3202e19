import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { type Cluster, startCluster } from '../../cluster/harness/cluster.ts';
import { createAuthority, createLeaf } from '../../cluster/harness/credentials.ts';
import { eventually } from '../../cluster/harness/eventually.ts';
import type { RunningProgram } from '../../cluster/harness/program.ts';
import type { Restartable } from '../../cluster/harness/restartable.ts';
import { makeCgroups, removeCgroups } from './cgroups.ts';
import { startComponents } from './components.ts';
import { NodeContainer } from './containers.ts';
import { importImage, startContainerd } from './containerd.ts';
import { NODE_NAME, startKubelet } from './kubelet.ts';
import { PREFIX, removeLeftovers, signFolder } from './leftovers.ts';
import { createNamespace } from './namespace.ts';
import type { NodeParts } from './parts.ts';
import { startRelay } from './relay.ts';
import { NODE_ADDRESS, Sandbox } from './sandbox.ts';

/** A whole Kubernetes of one node: everything runs in namespaces of its own, and the tests reach its API server. */
export interface TestNode extends Cluster {
  readonly sandbox: Sandbox;
  readonly containerd: Restartable;
  readonly kubelet: Restartable;
  /** One container, by the `containerID` of its pod's status. */
  container(id: string): NodeContainer;
  /** Waits until kubelet and containerd have said again that all is well. */
  untilNodeReady(): Promise<void>;
}

/** Starts it, and returns when the node is ready. `stop` it in `afterAll`. */
export async function startNode(parts: NodeParts): Promise<TestNode> {
  await removeLeftovers();
  const folder = await mkdtemp(join(tmpdir(), PREFIX));
  const cgroup = basename(folder);
  let sandbox: Sandbox | undefined;
  let cluster: Cluster | undefined;
  const end = async (): Promise<void> => {
    await sandbox?.close();
    await cluster?.stop();
    await removeCgroups(cgroup);
  };
  try {
    await signFolder(folder);
    await makeCgroups(cgroup);
    const opened = (sandbox = await Sandbox.open(folder));
    const [started, containerd] = await Promise.all([
      startControlPlane(opened, folder, parts),
      startContainerd(opened, folder, parts.files),
    ]);
    cluster = started;
    const imported = importImages(opened, parts);
    // Told below; until then it is not forgotten.
    imported.catch(() => undefined);
    await startComponents(started, opened, { folder, ...parts });
    const clientCa = join(folder, 'kubelet-clients-ca.crt');
    const kubelet = await startKubelet(started, opened, {
      folder,
      file: parts.files.kubelet,
      cgroup,
      clientCa,
    });
    await untilNodeReady(started, kubelet);
    await imported;
    return {
      ...started,
      sandbox: opened,
      containerd,
      kubelet,
      container: (id) => new NodeContainer(cgroup, id),
      untilNodeReady: () => untilNodeReady(started, kubelet),
      createNamespace: (name, labels) => createNamespace(started.api, name, labels),
      stop: async () => {
        await end();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await end();
    throw new Error(`no test node; logs are in ${folder}`, { cause: error });
  }
}

async function startControlPlane(sandbox: Sandbox, folder: string, { files }: NodeParts): Promise<Cluster> {
  const authority = await createAuthority('kubelet-clients');
  const client = await createLeaf(authority, {
    commonName: 'kube-apiserver',
    organization: 'system:masters',
  });
  const file = (name: string): string => join(folder, name);
  await writeFile(file('kubelet-clients-ca.crt'), authority.certificate);
  await writeFile(file('kubelet-client.crt'), client.certificate);
  await writeFile(file('kubelet-client.key'), client.key, { mode: 0o600 });
  const flags = [
    '--bind-address=0.0.0.0',
    `--advertise-address=${NODE_ADDRESS}`,
    // Pods find it by the Service `kubernetes`.
    '--endpoint-reconciler-type=lease',
    '--kubelet-preferred-address-types=InternalIP',
    `--kubelet-client-certificate=${file('kubelet-client.crt')}`,
    `--kubelet-client-key=${file('kubelet-client.key')}`,
  ];
  return startCluster(files, flags, {
    parent: folder,
    start: (...program) => sandbox.start(...program),
    addresses: [NODE_ADDRESS, '10.96.0.1'],
    reach: (port) => startRelay(sandbox, port),
  });
}

async function importImages(sandbox: Sandbox, { files, archives }: NodeParts): Promise<void> {
  for (const archive of archives) await importImage(sandbox, files, archive);
}

async function untilNodeReady(cluster: Cluster, kubelet: RunningProgram): Promise<void> {
  // In whole seconds, as Kubernetes says it. What was said before a restart does not count.
  const since = Math.floor(Date.now() / 1000) * 1000;
  const isReady = async (): Promise<true | undefined> => {
    const ended = kubelet.ended();
    if (ended !== undefined) return true;
    const { body } = await cluster.api('GET', `/api/v1/nodes/${NODE_NAME}`);
    const { conditions = [] } = (body as { status?: { conditions?: readonly Condition[] } }).status ?? {};
    const ready = conditions.find(({ type }) => type === 'Ready');
    const isFresh = Date.parse(ready?.lastHeartbeatTime ?? '') >= since;
    return (ready?.status === 'True' && isFresh) || undefined;
  };
  await eventually('the node is ready', isReady, { seconds: 90, everyMs: 200 }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${kubelet.logTail()}`);
  });
  const ended = kubelet.ended();
  if (ended !== undefined) throw new Error(`kubelet: ${ended}\n${kubelet.logTail()}`);
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly lastHeartbeatTime?: string;
}
