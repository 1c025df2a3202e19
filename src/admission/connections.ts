import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** An API server keeps at most 25; an idle one costs about 50 KiB. */
const MAX_IDLE = 2_000;

/**
 * All open sockets. Node's server knows a socket only from its first HTTP request on, and any client can open connections
 * and send nothing.
 */
export class Connections {
  readonly #sockets = new Set<Duplex>();
  /** Idle after the handshake, without a request so far; oldest first. */
  readonly #unused = new Set<Duplex>();
  /** Idle between two requests; oldest first. */
  readonly #idle = new Set<Duplex>();
  readonly #answers = new Set<ServerResponse>();
  readonly #maxIdle: number;

  constructor(server: Server, maxIdle = MAX_IDLE) {
    this.#maxIdle = maxIdle;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('secureConnection', (socket) => {
      this.#unused.add(socket);
      socket.once('close', () => {
        this.#unused.delete(socket);
        this.#idle.delete(socket);
      });
      this.#limit();
    });
    server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
      const { socket } = request;
      this.#unused.delete(socket);
      this.#idle.delete(socket);
      this.#answers.add(response);
      response.once('close', () => {
        this.#answers.delete(response);
        if (socket.destroyed) return;
        this.#idle.add(socket);
        this.#limit();
      });
    });
  }

  /** Has every answer that has not begun yet ask to close its connection. */
  askToClose(): void {
    for (const response of this.#answers) {
      if (!response.headersSent) response.setHeader('Connection', 'close');
    }
  }

  destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Connections that never sent a request go first: an API server has sent some. */
  #limit(): void {
    if (this.#unused.size + this.#idle.size <= this.#maxIdle) return;
    const [oldest] = this.#unused.size > 0 ? this.#unused : this.#idle;
    oldest?.destroy();
  }
}

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
