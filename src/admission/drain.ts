import type { Server } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connections } from './connections.ts';

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
export async function drain(server: Server, connections: Connections, times: DrainTimes): Promise<void> {
  const end = performance.now() + times.most;
  const step = Math.min(times.quiet / 4, 250);
  let requests = 0;
  server.prependListener('request', (_request, response) => {
    requests++;
    response.setHeader('Connection', 'close');
  });
  connections.askToClose();
  // Added up, not read from the clock: after a halt of the process the requests that came meanwhile are heard first.
  for (let quiet = 0; quiet < times.quiet && performance.now() < end;) {
    const before = requests;
    await sleep(step);
    quiet = requests === before ? quiet + step : 0;
  }
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    // Those that are being answered close themselves.
    server.closeIdleConnections();
    setTimeout(
      () => {
        connections.destroy();
      },
      Math.max(1000, end - performance.now()),
    ).unref();
  });
}
