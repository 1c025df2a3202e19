import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Api } from '../../cluster/harness/api.ts';
import { runCommand } from '../../cluster/harness/command.ts';
import { eventually } from '../../cluster/harness/eventually.ts';
import { type RunningProgram, startProgram } from '../../cluster/harness/program.ts';
import { createNamespace } from './namespace.ts';
import type { ForeignFiles, ProgramImage, Site } from './site.ts';

/** Plays on a cluster that is there; namespaces that a scene made are deleted at the end. */
export async function useCluster({
  kubeconfig,
  image,
  files,
}: {
  readonly kubeconfig: string;
  readonly image: ProgramImage;
  readonly files: ForeignFiles;
}): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'tbot-injector-e2e-'));
  // HOME stays the person's: a kubeconfig may name programs that log in with what is there.
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  const run = (file: string) => (args: readonly string[], stdin?: string) =>
    runCommand(file, args, { env, ...(stdin !== undefined && { stdin }) });
  const proxy = await startProxy(files.kubectl, kubeconfig, folder).catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  const namespaces: string[] = [];
  return {
    folder,
    image,
    node: undefined,
    api: proxy.api,
    kubectl: run(files.kubectl),
    helm: run(files.helm),
    helm3: run(files.helm3),
    createNamespace: async (name, labels) => {
      await createNamespace(proxy.api, name, labels);
      namespaces.push(name);
    },
    stop: async () => {
      for (const name of namespaces.toReversed()) await deleteNamespace(proxy.api, name);
      await proxy.program.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** `kubectl proxy` knows every way to log in that a kubeconfig may name. */
async function startProxy(
  kubectl: string,
  kubeconfig: string,
  folder: string,
): Promise<{ program: RunningProgram; api: Api }> {
  const args = ['proxy', `--kubeconfig=${kubeconfig}`, '--port=0', '--reject-methods='];
  const program = startProgram('kubectl proxy', kubectl, args, join(folder, 'proxy.log'));
  const base = await eventually('kubectl proxy serves', () => {
    const port = /127\.0\.0\.1:(\d+)/.exec(program.logTail())?.[1];
    if (program.ended() !== undefined) return '';
    return port === undefined ? undefined : `http://127.0.0.1:${port}`;
  });
  if (base === '') throw new Error(`kubectl proxy: ${program.logTail()}`);
  const api: Api = async (method, path, body, contentType = 'application/json') => {
    const response = await fetch(new URL(path, base), {
      method,
      headers: {
        accept: 'application/json, */*',
        ...(body !== undefined && { 'content-type': contentType }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, body: isJson ? (JSON.parse(text) as unknown) : text, warnings: [] };
  };
  return { program, api };
}

async function deleteNamespace(api: Api, name: string): Promise<void> {
  const path = `/api/v1/namespaces/${name}`;
  await api('DELETE', path);
  const isGone = async () => (await api('GET', path)).status === 404 || undefined;
  await eventually(`namespace ${name} is gone`, isGone, { seconds: 90, everyMs: 500 });
}
