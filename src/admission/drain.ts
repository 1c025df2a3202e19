import type { Server } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connections } from './connections.ts';

export interface DrainTimes {
  /** Milliseconds without a request after which the server counts as quiet. */
  readonly quietMs: number;
  /** Milliseconds after which it closes in any case. */
  readonly maxMs: number;
}

/**
 * Closes a server without breaking a request. The API server goes on using connections to a pod that is about to end:
 * its requests are served, each answer asks to close the connection, and the server closes when no more come.
 */
export async function drain(server: Server, connections: Connections, times: DrainTimes): Promise<void> {
  const end = performance.now() + times.maxMs;
  const step = Math.min(times.quietMs / 4, 250);
  let requests = 0;
  server.prependListener('request', (_request, response) => {
    requests++;
    response.setHeader('Connection', 'close');
  });
  connections.askToClose();
  // Added up, not read from the clock: after a pause of the process, the requests that came meanwhile are seen first.
  for (let quiet = 0; quiet < times.quietMs && performance.now() < end;) {
    const before = requests;
    await sleep(step);
    quiet = requests === before ? quiet + step : 0;
  }
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
    // Connections with an open request close after its answer.
    server.closeIdleConnections();
    setTimeout(
      () => {
        connections.destroy();
      },
      Math.max(1000, end - performance.now()),
    ).unref();
  });
}
