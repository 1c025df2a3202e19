import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { ProgramFiles } from '../../../tools/find.ts';
import type { ProgramOf } from '../../../tools/programs.ts';
import { eventually } from '../../cluster/harness/eventually.ts';
import { Restartable } from '../../cluster/harness/restartable.ts';
import { PAUSE_IMAGE } from '../images/pause.ts';
import type { Sandbox } from './sandbox.ts';

/** Inside the sandbox. */
export const CONTAINERD_SOCKET = '/run/containerd/containerd.sock';

type Files = ProgramFiles<ProgramOf<'node'>>;

/** Starts containerd, and returns when it answers. Started again it finds its images and containers. */
export async function startContainerd(sandbox: Sandbox, folder: string, files: Files): Promise<Restartable> {
  const config = join(folder, 'containerd.toml');
  await writeFile(config, printConfig(folder, files));
  // containerd reads its folder again whenever a file in it changes.
  await mkdir(join(folder, 'cni'), { recursive: true });
  await writeFile(join(folder, 'cni/pods.conflist'), JSON.stringify(PODS));
  // containerd finds its shim there.
  const env = {
    ...process.env,
    PATH: `${dirname(files['containerd-shim-runc-v2'])}:${process.env['PATH'] ?? ''}`,
  };
  const log = join(folder, 'containerd.log');
  const running = new Restartable(() =>
    sandbox.start('containerd', files.containerd, ['--config', config], log, env),
  );
  await eventually('containerd answers', async () => {
    if (running.ended() === undefined) await ctr(sandbox, files, ['version']);
    return true;
  });
  const ended = running.ended();
  if (ended !== undefined) throw new Error(`containerd: ${ended}: ${running.logTail()}`);
  return running;
}

/** Puts the images of an OCI archive where the kubelet looks for them. */
export async function importImage(sandbox: Sandbox, files: Files, archive: string): Promise<void> {
  await ctr(sandbox, files, ['images', 'import', archive]);
}

/** Runs `ctr` for what the kubelet has. */
async function ctr(sandbox: Sandbox, files: Files, args: readonly string[]): Promise<void> {
  const flags = ['--address', CONTAINERD_SOCKET, '--namespace', 'k8s.io'];
  await sandbox.run([files.ctr, ...flags, ...args]);
}

/** Pods on a bridge, each with an address; what is not theirs goes through the node, where kube-proxy is. */
const PODS = {
  cniVersion: '1.0.0',
  name: 'pods',
  plugins: [
    {
      type: 'bridge',
      bridge: 'cni0',
      isDefaultGateway: true,
      hairpinMode: true,
      ipam: { type: 'host-local', ranges: [[{ subnet: '10.244.0.0/16' }]] },
    },
  ],
};

function printConfig(folder: string, files: Files): string {
  const plugins = [files.bridge, files['host-local'], files.loopback].map((file) => dirname(file));
  return `
version = 3
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.nri.v1.nri", "io.containerd.internal.v1.tracing"]
[grpc]
address = "${CONTAINERD_SOCKET}"
[plugins."io.containerd.cri.v1.images".pinned_images]
sandbox = "${PAUSE_IMAGE}"
[plugins."io.containerd.cri.v1.runtime"]
# A container of the tests may lack CAP_SYS_RESOURCE, without which no process is made dearer to the kernel than its parent.
restrict_oom_score_adj = true
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
BinaryName = "${files.runc}"
SystemdCgroup = false
[plugins."io.containerd.cri.v1.runtime".cni]
bin_dirs = ${JSON.stringify(plugins)}
conf_dir = "${join(folder, 'cni')}"
`;
}
