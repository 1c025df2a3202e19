import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface DrainTimes {
  /** Milliseconds without a request after which the server counts as quiet. */
  readonly quiet: number;
  /** Milliseconds after which it closes in any case. */
  readonly most: number;
}

/**
 * Closes a server without cutting a request: the API server goes on using connections to a pod that is about to
 * end, so they are served, each answer asking to close the connection, until none comes any more.
 */
export async function drain(server: Server, times: DrainTimes): Promise<void> {
  let lastRequest = performance.now();
  const end = lastRequest + times.most;
  server.prependListener('request', (_request, response) => {
    lastRequest = performance.now();
    response.setHeader('Connection', 'close');
  });
  while (performance.now() < Math.min(lastRequest + times.quiet, end)) {
    await sleep(Math.min(times.quiet / 4, 250));
  }
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    // Those that are being answered close themselves.
    server.closeIdleConnections();
    setTimeout(
      () => {
        server.closeAllConnections();
      },
      Math.max(1000, end - performance.now()),
    ).unref();
  });
}
