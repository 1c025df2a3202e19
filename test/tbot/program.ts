import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface TbotProcess {
  readonly pid: number;
  /** Where its diagnostics are; rejects where it ends before, with what it says. */
  readonly url: Promise<string>;
  /** What it said, and how it ended. */
  readonly ended: Promise<{ code: number | null; signal: string | null; said: string }>;
  kill(signal: NodeJS.Signals): void;
}

const MAIN = new URL('main.ts', import.meta.url).pathname;

/** The player as a process, with its diagnostics on a free port of loopback. */
export function startTbot(argv: readonly string[], env: Readonly<Record<string, string>>): TbotProcess {
  const child = spawn(process.execPath, [MAIN, ...argv], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const ended = Promise.all([once(child, 'exit'), text(child.stderr)]).then(([[code, signal], said]) => ({
    code: code as number | null,
    signal: signal as string | null,
    said,
  }));
  const url = new Promise<string>((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const [, found] = /diagnostics service will be starting addr:(\S+)\n/.exec(said) ?? [];
      if (found !== undefined) resolve(found);
    });
    void ended.then((end) => {
      reject(new Error(`tbot ended with ${end.code ?? end.signal ?? ''}: ${end.said}`));
    });
  });
  // A test of a start that fails awaits `ended` alone.
  url.catch(() => undefined);
  return { pid: child.pid ?? 0, url, ended, kill: (signal) => void child.kill(signal) };
}
