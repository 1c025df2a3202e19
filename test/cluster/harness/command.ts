import { spawn } from 'node:child_process';

export interface Finished {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const PATIENCE_MS = 60_000;

/** Runs a command to its end and returns its output. A non-zero code is a result; to run over a minute is an error. */
export function runCommand(
  file: string,
  args: readonly string[],
  { env, stdin, cwd }: { env?: NodeJS.ProcessEnv; stdin?: string; cwd?: string } = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      env: env ?? process.env,
      cwd,
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, stdout, stderr });
    });
    // A command may end without reading what it is offered; its code tells whether that was well.
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin ?? '');
  });
}
