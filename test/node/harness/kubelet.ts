import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Cluster } from '../../cluster/harness/cluster.ts';
import { Restartable } from '../../cluster/harness/restartable.ts';
import { componentKubeconfig } from './components.ts';
import { CONTAINERD_SOCKET } from './containerd.ts';
import { NODE_ADDRESS, type Sandbox } from './sandbox.ts';

export const NODE_NAME = 'node';

export interface KubeletOf {
  readonly folder: string;
  readonly file: string;
  /** Below which it puts the cgroups of pods. */
  readonly cgroup: string;
  /** File with the CA of those that may ask it, such as the API server for logs. */
  readonly clientCa: string;
}

/** Starts the kubelet. Started again it finds the pods that run. */
export async function startKubelet(
  cluster: Cluster,
  sandbox: Sandbox,
  { folder, file, cgroup, clientCa }: KubeletOf,
): Promise<Restartable> {
  const config = join(folder, 'kubelet.json');
  await writeFile(config, JSON.stringify(kubeletConfig(folder, cgroup, clientCa)));
  await writeFile(join(folder, 'resolv.conf'), `nameserver ${NODE_ADDRESS}\n`);
  const kubeconfig = await componentKubeconfig(cluster, folder, {
    commonName: `system:node:${NODE_NAME}`,
    organization: 'system:nodes',
  });
  const flags = [
    `--config=${config}`,
    `--kubeconfig=${kubeconfig}`,
    `--hostname-override=${NODE_NAME}`,
    `--node-ip=${NODE_ADDRESS}`,
  ];
  return new Restartable(() => sandbox.start('kubelet', file, flags, join(folder, 'kubelet.log')));
}

function kubeletConfig(folder: string, cgroup: string, clientCa: string): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
    authentication: { anonymous: { enabled: false }, x509: { clientCAFile: clientCa } },
    clusterDNS: [NODE_ADDRESS],
    clusterDomain: 'cluster.local',
    resolvConf: join(folder, 'resolv.conf'),
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    // Its own cgroup is the test's.
    enforceNodeAllocatable: [],
    makeIPTablesUtilChains: false,
    // A full disk of the machine is not the test's, and a limit of 110 pods would be.
    evictionHard: { 'nodefs.available': '1%', 'imagefs.available': '1%', 'memory.available': '50Mi' },
    imageGCHighThresholdPercent: 100,
    maxPods: 250,
    // Between changes it says every 2 s that the node is still ready, and when it said so.
    nodeStatusUpdateFrequency: '2s',
    shutdownGracePeriod: '0s',
  };
}
