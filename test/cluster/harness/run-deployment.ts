import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from './cluster.ts';
import type { Installation, KubernetesObject } from './installation.ts';
import { mountSecret } from './mounted-secret.ts';
import { type RunningProgram, startProgram } from './program.ts';
import { accountKubeconfig } from './service-account.ts';

interface Container {
  readonly args: readonly string[];
}

interface PodSpec {
  readonly serviceAccountName: string;
  readonly containers: readonly [Container];
}

/**
 * What a node does with one of the chart's Deployments: runs our program with the Deployment's own arguments, as its
 * own account, with its ConfigMap mounted. Only what a node without a network of pods cannot do is given otherwise.
 */
export async function runDeployment(
  cluster: Cluster,
  installation: Installation,
  component: 'webhook' | 'controller',
  otherwise: Readonly<Record<string, string>> = {},
  nodeFlags: readonly string[] = [],
): Promise<RunningProgram> {
  const objects = await installation.manifest();
  const spec = podSpec(objects, component);
  const folder = join(cluster.folder, `${installation.namespace}-${component}`);
  await mkdir(folder, { recursive: true });
  const files = { config: join(folder, 'config.yaml'), kubeconfig: join(folder, 'kubeconfig.yaml') };
  const account = { namespace: installation.namespace, name: spec.serviceAccountName };
  await writeFile(files.kubeconfig, await accountKubeconfig(cluster, account), { mode: 0o600 });
  await writeFile(files.config, configOf(objects));
  const replaced: Readonly<Record<string, string>> = { ...files, host: '127.0.0.1', ...otherwise };
  const [verb = '', ...given] = spec.containers[0].args;
  const kept = given.filter((flag) => !Object.hasOwn(replaced, /^--([a-z-]+)=/.exec(flag)?.[1] ?? ''));
  const flags = Object.entries({ ...replaced, ...namespaceFlag(component, installation) });
  const argv = [
    ...nodeFlags,
    'src/main.ts',
    verb,
    ...kept,
    ...flags.map(([name, value]) => `--${name}=${value}`),
  ];
  return startProgram(component, process.execPath, argv, join(folder, 'log'));
}

/** In a pod POD_NAMESPACE says it. */
function namespaceFlag(component: string, { namespace }: Installation): Record<string, string> {
  return component === 'controller' ? { namespace } : {};
}

function podSpec(objects: readonly KubernetesObject[], component: string): PodSpec {
  const found = objects.find(
    ({ kind, metadata }) =>
      kind === 'Deployment' && metadata.labels?.['app.kubernetes.io/component'] === component,
  );
  if (found === undefined) throw new Error(`the chart has no Deployment of the ${component}`);
  return (found['spec'] as { template: { spec: PodSpec } }).template.spec;
}

function configOf(objects: readonly KubernetesObject[]): string {
  const found = objects.find(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.endsWith('-config'),
  );
  return (found?.['data'] as Record<string, string> | undefined)?.['config.yaml'] ?? '';
}

/** Keeps a folder as a kubelet keeps the mounted serving Secret, until `stop`. */
export function mountServingSecret(
  cluster: Cluster,
  { namespace }: Installation,
  folder: string,
): { readonly stop: () => void } {
  const path = `/api/v1/namespaces/${namespace}/secrets/tbot-injector-webhook-tls`;
  let mounted = '';
  const update = async (): Promise<void> => {
    const { body } = await cluster.api('GET', path);
    const { data } = body as { data?: Record<string, string> };
    const items = ['tls.crt', 'tls.key'].map((key) => [key, atob(data?.[key] ?? '')] as const);
    // A key that is listed and missing keeps the whole volume as it is.
    if (items.some(([, content]) => content === '') || JSON.stringify(items) === mounted) return;
    await mountSecret(folder, Object.fromEntries(items));
    mounted = JSON.stringify(items);
  };
  let updating = Promise.resolve();
  const timer = setInterval(() => {
    updating = updating.then(update).catch(() => undefined);
  }, 200);
  return {
    stop: () => {
      clearInterval(timer);
    },
  };
}
