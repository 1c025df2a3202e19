import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';

/** A program that runs until it is stopped, its output kept in a file. */
export interface RunningProgram {
  readonly name: string;
  /** Why it is no longer running, or undefined while it is. */
  ended(): string | undefined;
  /** The end of its log, for the error of a caller that waited in vain. */
  logTail(): string;
  signal(signal: NodeJS.Signals): void;
  /** Ends it, by SIGTERM unless another signal is given, and returns when it has ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/**
 * A shell that becomes the program, after leaving a guard behind which kills the program when the other end
 * of descriptor 3 closes without a word. Exit handlers do not run when a test worker is killed,
 * and an API server left behind holds hundreds of megabytes.
 */
const GUARDED = '(read -r _ <&3 || kill -9 $$) & exec 3<&-; exec "$@"';

const PATIENCE_MS = 15_000;

/** Starts a program in the background. It ends with this process, however this process ends. */
export function startProgram(
  name: string,
  file: string,
  args: readonly string[],
  log: string,
): RunningProgram {
  const output = openSync(log, 'a');
  const child = spawn('sh', ['-c', GUARDED, 'sh', file, ...args], {
    stdio: ['ignore', output, output, 'pipe'],
  });
  closeSync(output);
  // The word that lets the guard go: the pid it would kill may be another program's by then.
  child.on('exit', () => (child.stdio[3] as Writable).end('\n'));
  return {
    name,
    ended: () =>
      hasEnded(child) ? `it ended with ${String(child.exitCode ?? child.signalCode)}` : undefined,
    logTail: () => readFileSync(log, 'utf8').slice(-3000),
    signal: (signal) => void child.kill(signal),
    stop: async (signal = 'SIGTERM') => {
      if (hasEnded(child)) return;
      const gone = once(child, 'exit');
      const impatience = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
      child.kill(signal);
      // One that is frozen would not notice.
      child.kill('SIGCONT');
      await gone;
      clearTimeout(impatience);
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
