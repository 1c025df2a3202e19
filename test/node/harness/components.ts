import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ProgramFiles } from '../../../tools/find.ts';
import type { ProgramOf } from '../../../tools/programs.ts';
import type { Cluster } from '../../cluster/harness/cluster.ts';
import { createLeaf, type Subject } from '../../cluster/harness/credentials.ts';
import { printKubeconfig } from '../../cluster/harness/kubeconfig.ts';
import type { RunningProgram } from '../../cluster/harness/program.ts';
import { NODE_ADDRESS, type Sandbox } from './sandbox.ts';

/** Writes a kubeconfig for one component of Kubernetes, by the name that RBAC knows it by; its file. */
export async function componentKubeconfig(
  cluster: Cluster,
  folder: string,
  subject: Subject,
): Promise<string> {
  const client = await createLeaf(cluster.plane.authority, subject);
  const file = join(folder, `${subject.commonName.replaceAll(':', '-')}.kubeconfig`);
  await writeFile(file, printKubeconfig(cluster.url, cluster.ca, client), { mode: 0o600 });
  return file;
}

export interface ComponentsOf {
  readonly folder: string;
  readonly files: ProgramFiles<ProgramOf<'node'>>;
  /** Variables with which kube-proxy finds `nft`. */
  readonly nftEnv: Readonly<Record<string, string>>;
}

/** Starts kube-controller-manager, kube-scheduler, kube-proxy and a DNS for Services, as every cluster has them. */
export async function startComponents(
  cluster: Cluster,
  sandbox: Sandbox,
  { folder, files, nftEnv }: ComponentsOf,
): Promise<readonly RunningProgram[]> {
  const start = async (
    name: 'kube-controller-manager' | 'kube-scheduler' | 'kube-proxy',
    flags: readonly string[],
    env = process.env,
  ) => {
    const kubeconfig = await componentKubeconfig(cluster, folder, { commonName: `system:${name}` });
    const args = name === 'kube-proxy' ? flags : [`--kubeconfig=${kubeconfig}`, ...flags];
    return sandbox.start(name, files[name], args, join(folder, `${name}.log`), env);
  };
  const proxyConfig = join(folder, 'kube-proxy.json');
  const proxyKubeconfig = join(folder, 'system-kube-proxy.kubeconfig');
  await writeFile(proxyConfig, JSON.stringify(kubeProxyConfig(proxyKubeconfig)));
  const inPlane = (name: string): string => join(cluster.folder, name);
  return Promise.all([
    start('kube-controller-manager', [
      `--root-ca-file=${inPlane('ca.crt')}`,
      `--service-account-private-key-file=${inPlane('service-accounts.key')}`,
      '--use-service-account-credentials=true',
      '--leader-elect=false',
      '--bind-address=127.0.0.1',
    ]),
    start('kube-scheduler', ['--leader-elect=false', '--bind-address=127.0.0.1']),
    start('kube-proxy', [`--config=${proxyConfig}`], { ...process.env, ...nftEnv }),
    startDns(cluster, sandbox, folder),
  ]);
}

async function startDns(cluster: Cluster, sandbox: Sandbox, folder: string): Promise<RunningProgram> {
  const kubeconfig = await componentKubeconfig(cluster, folder, {
    commonName: 'dns',
    organization: 'system:masters',
  });
  const args = [join(import.meta.dirname, 'dns-process.ts'), kubeconfig, NODE_ADDRESS];
  return sandbox.start('dns', process.execPath, args, join(folder, 'dns.log'));
}

function kubeProxyConfig(kubeconfig: string): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig },
    mode: 'nftables',
    bindAddress: NODE_ADDRESS,
    clusterCIDR: '10.244.0.0/16',
    hostnameOverride: 'node',
    // The size of this table is the whole machine's.
    conntrack: { maxPerCore: 0, min: 0 },
    nftables: { syncPeriod: '10s', minSyncPeriod: '0s' },
  };
}
