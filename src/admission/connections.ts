import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import type { Duplex } from 'node:stream';

/** An API server keeps at most 25; an idle one costs about 50 KiB. */
const MOST_IDLE = 2_000;

/**
 * Everything that is connected, from the first byte on: node's server knows of a socket only when it has spoken HTTP,
 * and every client can open connections and say nothing.
 */
export class Connections {
  readonly #sockets = new Set<Duplex>();
  /** Encrypted, without a request so far; then those between two requests. In the order in which they fell silent. */
  readonly #silent = new Set<Duplex>();
  readonly #resting = new Set<Duplex>();
  readonly #answers = new Set<ServerResponse>();
  readonly #mostIdle: number;

  constructor(server: Server, mostIdle = MOST_IDLE) {
    this.#mostIdle = mostIdle;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('secureConnection', (socket) => {
      this.#silent.add(socket);
      socket.once('close', () => {
        this.#silent.delete(socket);
        this.#resting.delete(socket);
      });
      this.#limit();
    });
    server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
      const { socket } = request;
      this.#silent.delete(socket);
      this.#resting.delete(socket);
      this.#answers.add(response);
      response.once('close', () => {
        this.#answers.delete(response);
        if (socket.destroyed) return;
        this.#resting.add(socket);
        this.#limit();
      });
    });
  }

  /** Answers that have not begun yet ask for the end of their connection. */
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
    if (this.#silent.size + this.#resting.size <= this.#mostIdle) return;
    const [oldest] = this.#silent.size > 0 ? this.#silent : this.#resting;
    oldest?.destroy();
  }
}
