import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { freePort } from './ports.ts';

interface Connection {
  readonly near: Socket;
  readonly far: Socket;
}

/** A relay on loopback whose connections can fail in the ways in which a network fails. */
export class Wire {
  readonly port: number;
  readonly #connections = new Set<Connection>();
  readonly #swallowing = new Set<Socket>();
  readonly #server = createServer({ noDelay: true }, (near) => {
    this.#take(near);
  });
  readonly #targetPort: number;
  /** What becomes of a new connection. */
  onConnect: 'pass' | 'swallow' | 'drop' = 'pass';

  private constructor(port: number, targetPort: number) {
    this.port = port;
    this.#targetPort = targetPort;
  }

  static async open(targetPort: number): Promise<Wire> {
    const wire = new Wire(await freePort(), targetPort);
    await wire.listen();
    return wire;
  }

  /** On a port below every ephemeral range: it is there when we listen again. */
  async listen(): Promise<void> {
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** New connections are refused until it listens again. */
  refuse(): void {
    this.#server.close();
    this.reset();
  }

  /** The connections there are stay open for ever, and nothing comes through them any more. */
  blackHole(): void {
    for (const { near, far } of this.#connections) {
      far.unpipe(near).pause();
      near.unpipe(far);
      // Read on, to see when the client lets go.
      near.resume();
    }
  }

  reset(): void {
    for (const { near } of this.#connections) near.resetAndDestroy();
    for (const near of this.#swallowing) near.resetAndDestroy();
  }

  close(): void {
    this.#server.close();
    this.reset();
  }

  #take(near: Socket): void {
    near.on('error', () => undefined);
    if (this.onConnect === 'drop') {
      near.destroy();
    } else if (this.onConnect === 'swallow') {
      this.#swallowing.add(near);
      near.resume().on('close', () => this.#swallowing.delete(near));
    } else {
      this.#join(near, connect({ port: this.#targetPort, host: '127.0.0.1', noDelay: true }));
    }
  }

  #join(near: Socket, far: Socket): void {
    const connection = { near, far };
    this.#connections.add(connection);
    far.on('error', () => undefined);
    near.pipe(far).pipe(near);
    near.on('close', () => {
      this.#connections.delete(connection);
      far.destroy();
    });
    far.on('close', () => near.destroy());
  }
}
