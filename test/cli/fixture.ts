import { runCommand } from '../../src/cli/run.ts';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in this process. */
export async function run(argv: readonly string[], stdin = ''): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  const code = await runCommand(argv, {
    stdin: () => Promise.resolve(stdin),
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    colours: false,
    stop: new AbortController().signal,
  });
  return { code, stdout, stderr };
}

/** `inject` with the examples' configuration and the manifest on stdin. */
export function injectText(manifest: string, ...flags: string[]): Promise<Ran> {
  return run(['inject', '-f', '-', '--config', 'examples/config.yaml', ...flags], manifest);
}
