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
  readonly pid: number;
  /** The next line of the log with this message; earlier ones are skipped. */
  nextLine(msg: string): Promise<LogLine>;
  /** The metrics' text. */
  metrics(): Promise<string>;
  /** Sends SIGTERM, or SIGKILL, and waits for the end: `[code, signal]`. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<readonly [code: number | null, signal: string | null]>;
}

/** One that answers probes, and reviews as soon as it has a certificate. */
export interface StartingWebhook extends Pick<WebhookProcess, 'healthUrl' | 'end'> {
  listening(): Promise<WebhookProcess>;
}

const FREE_PORTS = ['--host', '127.0.0.1', '--port', '0', '--health-port', '0'];

/** Starts it and waits until it listens; rejects where it ends before. */
export async function startWebhookProcess(...flags: string[]): Promise<WebhookProcess> {
  return (await launchWebhookProcess(...flags)).listening();
}

/** Starts it and waits until it answers probes; rejects where it ends before. */
export async function launchWebhookProcess(...flags: string[]): Promise<StartingWebhook> {
  const argv = ['src/main.ts', 'webhook', ...FREE_PORTS, ...flags];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
  const nextLine = followLog(child.stdout);
  const end: WebhookProcess['end'] = (signal) => {
    child.kill(signal);
    return exited;
  };
  const healthUrl = `http://127.0.0.1:${(await nextLine('listening for probes')).port ?? 0}`;
  const metrics = async (): Promise<string> => (await fetch(`${healthUrl}/metrics`)).text();
  const listening = async (): Promise<WebhookProcess> => {
    const url = `https://127.0.0.1:${(await nextLine('listening')).port ?? 0}`;
    return { url, healthUrl, pid: child.pid ?? 0, nextLine, metrics, end };
  };
  return { healthUrl, end, listening };
}

const MAX_LOGGED = 1000;

/** Reads the log even if no caller asks for lines: a full pipe would halt the process that writes it. */
function followLog(output: NodeJS.ReadableStream): WebhookProcess['nextLine'] {
  const lines: LogLine[] = [];
  let ended = false;
  let news = Promise.withResolvers<undefined>();
  const tell = (): void => {
    news.resolve(undefined);
    news = Promise.withResolvers();
  };
  createInterface({ input: output })
    .on('line', (line) => {
      if (lines.push(JSON.parse(line) as LogLine) > MAX_LOGGED) lines.shift();
      tell();
    })
    .once('close', () => {
      ended = true;
      tell();
    });
  return async (msg) => {
    for (;;) {
      const line = lines.shift();
      if (line?.msg === msg) return line;
      if (line !== undefined) continue;
      if (ended) throw new Error(`the log ended before "${msg}"`);
      await news.promise;
    }
  };
}
