import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import type { Duplex } from 'node:stream';

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
