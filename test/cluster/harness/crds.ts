import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from './cluster.ts';
import { runCommand } from './command.ts';

/** Where the pinned modules of tools/crds keep the definitions that the chart's objects need. */
const SOURCES = [
  { module: 'github.com/cert-manager/cert-manager', folder: 'deploy/crds', prefix: 'cert-manager.io_' },
  {
    module: 'github.com/prometheus-operator/prometheus-operator',
    folder: 'example/prometheus-operator-crd',
    prefix: 'monitoring.coreos.com_',
  },
];

/** Of those, what the chart can contain. */
const KINDS = /(certificates|issuers|servicemonitors|podmonitors|prometheusrules)\.yaml$/;

/** Installs the real CRDs of cert-manager and Prometheus Operator, without their controllers. */
export async function installCrds(cluster: Cluster): Promise<void> {
  for (const { module, folder, prefix } of SOURCES) {
    const definitions = join(await moduleFolder(module), folder);
    const names = (await readdir(definitions)).filter((name) => name.startsWith(prefix) && KINDS.test(name));
    const files = names.flatMap((name) => ['--filename', join(definitions, name)]);
    const { code, stderr } = await cluster.kubectl(['apply', '--server-side', ...files]);
    if (code !== 0) throw new Error(`kubectl apply of the CRDs of ${module}: ${stderr}`);
  }
  const { code, stderr } = await cluster.kubectl(['wait', '--for=condition=Established', 'crd', '--all']);
  if (code !== 0) throw new Error(`the CRDs were not established: ${stderr}`);
}

async function moduleFolder(module: string): Promise<string> {
  const cwd = join(import.meta.dirname, '../../../tools/crds');
  const env = { ...process.env, GOTOOLCHAIN: 'local' };
  const { code, stdout, stderr } = await runCommand('go', ['mod', 'download', '-json', module], { cwd, env });
  if (code !== 0) throw new Error(`go mod download ${module}: ${stdout}${stderr}`);
  return (JSON.parse(stdout) as { Dir: string }).Dir;
}
