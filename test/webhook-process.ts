import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A line of the webhook's log. */
export interface LogLine {
  readonly msg: string;
  readonly port?: number;
  readonly [field: string]: unknown;
}

/** `tbot-injector webhook` as a process of its own, on free ports of loopback. */
export interface WebhookProcess {
  readonly url: string;
  readonly healthUrl: string;
  /** The next line of the log with this message; earlier ones are passed over. */
  nextLine(msg: string): Promise<LogLine>;
  /** The metrics' text. */
  metrics(): Promise<string>;
  /** Sends SIGTERM, or SIGKILL, and waits for the end: `[code, signal]`. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<readonly [code: number | null, signal: string | null]>;
}

const FREE_PORTS = ['--host', '127.0.0.1', '--port', '0', '--health-port', '0'];

/** Starts it and waits until it listens; rejects where it ends before. */
export async function startWebhookProcess(...flags: string[]): Promise<WebhookProcess> {
  const argv = ['src/main.ts', 'webhook', ...FREE_PORTS, ...flags];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (msg: string): Promise<LogLine> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`the log ended before "${msg}"`);
      const line = JSON.parse(value) as LogLine;
      if (line.msg === msg) return line;
    }
  };
  const { port: healthPort = 0 } = await nextLine('listening for probes');
  const { port = 0 } = await nextLine('listening');
  const healthUrl = `http://127.0.0.1:${healthPort}`;
  return {
    url: `https://127.0.0.1:${port}`,
    healthUrl,
    nextLine,
    metrics: async () => (await fetch(`${healthUrl}/metrics`)).text(),
    end: (signal) => {
      child.kill(signal);
      return exited;
    },
  };
}
