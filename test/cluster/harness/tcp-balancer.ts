import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from './eventually.ts';
import { freePort } from './ports.ts';

export interface Backend {
  readonly url: string;
  readonly healthUrl: string;
}

/**
 * Does for processes what a Service does for pods: new connections go in turn to the backends whose /readyz answers
 * 200; a connection stays where it is, even if its backend fails; without a ready backend the port is closed.
 */
export interface TcpBalancer {
  readonly url: string;
  /** Connections taken so far. */
  connections(): number;
  /** Of them, those that a backend did not take. */
  refused(): number;
  add(backend: Backend): void;
  remove(backend: Backend): void;
  /** Waits until so many backends get new connections. */
  untilReady(count: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startTcpBalancer({ everyMs = 200 } = {}): Promise<TcpBalancer> {
  const port = await freePort();
  const backends = new Set<Backend>();
  const sockets = new Set<Socket>();
  const stopping = new AbortController();
  let ready: readonly Backend[] = [];
  let connections = 0;
  let refused = 0;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const backend = ready[connections++ % ready.length];
    if (backend === undefined) {
      socket.destroy();
      return;
    }
    const onward = connect({ port: Number(new URL(backend.url).port), allowHalfOpen: true });
    onward.once('error', () => {
      if (onward.bytesRead === 0) refused++;
    });
    join(socket, onward, sockets);
  });

  const following = (async () => {
    while (!stopping.signal.aborted) {
      const found = await Promise.all(
        [...backends].map(async (each) => ((await isReady(each)) ? [each] : [])),
      );
      ready = found.flat().filter((each) => backends.has(each));
      await listen(server, ready.length > 0 ? port : undefined);
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();

  return {
    url: `https://127.0.0.1:${port}`,
    connections: () => connections,
    refused: () => refused,
    add: (backend) => void backends.add(backend),
    remove: (backend) => void backends.delete(backend),
    untilReady: (count) =>
      eventually(`${count} backends are ready`, () => (ready.length === count ? true : undefined)).then(
        () => undefined,
      ),
    stop: async () => {
      stopping.abort();
      await following;
      for (const socket of sockets) socket.destroy();
      await listen(server, undefined);
    },
  };
}

async function isReady({ healthUrl }: Backend): Promise<boolean> {
  return fetch(`${healthUrl}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** Listens on the port, or on none. */
async function listen(server: Server, port: number | undefined): Promise<void> {
  const now = (server.address() as AddressInfo | null)?.port;
  if (port === now) return;
  if (port === undefined) {
    // Its `close` event waits for the connections, which stay.
    server.close();
  } else {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  }
}

/** What the one side sends and its end pass through to the other. */
function join(from: Socket, to: Socket, sockets: Set<Socket>): void {
  for (const [one, other] of [
    [from, to],
    [to, from],
  ] as const) {
    sockets.add(one);
    one.pipe(other);
    one.on('error', () => other.destroy());
    one.once('close', () => {
      sockets.delete(one);
      other.destroySoon();
    });
  }
}
