import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';

export interface Diagnostics {
  readonly url: string;
  close(): void;
}

export interface DiagnosticsOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly readiness: Readiness;
  readonly metrics?: Metrics;
}

/** tbot's server cuts an answer that takes longer, and so a wait. */
const WRITE_TIMEOUT_MS = 30_000;

/** Serves /livez, /readyz, /wait and /metrics; rejects where the port is taken. */
export async function serveDiagnostics(options: DiagnosticsOptions): Promise<Diagnostics> {
  const { host, port, readiness, metrics } = options;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://tbot');
    const [, what = '', service] = /^\/([a-z]+)(?:\/([^/]+))?$/.exec(pathname) ?? [];
    if (pathname === '/livez') response.end('OK');
    else if (pathname === '/metrics') response.end(metrics?.print() ?? '');
    else if (what === 'readyz') answer(response, readiness, service);
    else if (what === 'wait') void answerLater(response, readiness, service);
    else response.writeHead(404).end("404 - Not Found\n\nI'm a little tbot");
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function answer(response: ServerResponse, readiness: Readiness, service: string | undefined): void {
  const name = service === undefined ? undefined : decodeURIComponent(service);
  const found = name === undefined ? readiness.overall() : readiness.of(name);
  const body = found ?? { error: `Service named "${name ?? ''}" not found.` };
  const status = found === undefined ? 404 : found.status === 'healthy' ? 200 : 503;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body, undefined, 2));
}

async function answerLater(
  response: ServerResponse,
  readiness: Readiness,
  service: string | undefined,
): Promise<void> {
  const isGone = new AbortController();
  response.once('close', () => {
    isGone.abort();
  });
  const cut = setTimeout(() => response.destroy(), WRITE_TIMEOUT_MS);
  await readiness.reported(service && decodeURIComponent(service), isGone.signal);
  clearTimeout(cut);
  if (!isGone.signal.aborted) answer(response, readiness, service);
}
