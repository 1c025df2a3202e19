import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Cluster } from './cluster.ts';
import { createAuthority, createLeaf, type PemPair } from './credentials.ts';
import { Wire } from './wire.ts';

/** Answers in place of the API server, or lets it answer by `pass`. */
export type Answer = (response: ServerResponse, pass: () => void) => void;

/** Sends on, or does not, what a watch has sent: one event with its line feed. */
export type Relay = (event: Buffer, response: ServerResponse) => void;

/**
 * Stands between a client and the API server and understands what they say, so that it can do wrong in the middle of
 * it, and count. Everything passes until a fault is set.
 */
export class FaultProxy {
  readonly wire: Wire;
  /** PEM of the CA by which clients know it. */
  readonly ca: string;
  onList: Answer | undefined;
  onWatch: Answer | undefined;
  onEvent: Relay | undefined;
  /** Watches that the client holds open now, the most that it ever held at once, and when each was asked for. */
  openWatches = 0;
  mostWatches = 0;
  readonly watchTimes: number[] = [];
  readonly #server: Server;
  readonly #cluster: Cluster;
  readonly #agent: Agent;

  private constructor(cluster: Cluster, { server, wire, ca }: { server: Server; wire: Wire; ca: string }) {
    this.#cluster = cluster;
    this.#agent = new Agent({ ca: cluster.ca, keepAlive: true });
    this.#server = server;
    this.wire = wire;
    this.ca = ca;
    server.on('request', (incoming: IncomingMessage, response: ServerResponse) => {
      this.#answer(incoming, response);
    });
  }

  static async open(cluster: Cluster): Promise<FaultProxy> {
    const { authority, leaf } = await credentials();
    const server = createServer({ cert: leaf.certificate, key: leaf.key }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const wire = await Wire.open((server.address() as AddressInfo).port);
    return new FaultProxy(cluster, { server, wire, ca: authority.certificate });
  }

  get url(): string {
    return `https://127.0.0.1:${this.wire.port}`;
  }

  close(): void {
    this.wire.close();
    this.#server.close();
    this.#server.closeAllConnections();
    this.#agent.destroy();
  }

  #answer(incoming: IncomingMessage, response: ServerResponse): void {
    const isWatch = new URL(incoming.url ?? '/', this.url).searchParams.has('watch');
    if (isWatch) this.#count(response);
    const pass = (): void => {
      this.#pass(incoming, response, isWatch);
    };
    const fault = isWatch ? this.onWatch : this.onList;
    if (fault === undefined) pass();
    else fault(response, pass);
  }

  #count(response: ServerResponse): void {
    this.watchTimes.push(performance.now());
    response.on('error', () => undefined);
    this.mostWatches = Math.max(this.mostWatches, ++this.openWatches);
    response.on('close', () => this.openWatches--);
  }

  #pass(incoming: IncomingMessage, response: ServerResponse, isWatch: boolean): void {
    const headers = { ...incoming.headers, host: new URL(this.#cluster.url).host };
    const url = new URL(incoming.url ?? '/', this.#cluster.url);
    const sent = request(url, { agent: this.#agent, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      answer.on('error', () => response.destroy());
      if (isWatch) this.#relay(answer, response);
      else answer.pipe(response);
    });
    sent.on('error', () => response.destroy());
    sent.end();
    response.on('close', () => sent.destroy());
  }

  #relay(answer: IncomingMessage, response: ServerResponse): void {
    let rest = Buffer.alloc(0);
    answer.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
        const event = rest.subarray(0, end + 1);
        rest = rest.subarray(end + 1);
        if (this.onEvent === undefined) response.write(event);
        else this.onEvent(event, response);
      }
    });
    answer.on('end', () => response.end());
  }
}

let made: Promise<{ authority: PemPair; leaf: PemPair }> | undefined;

/** One pair for all proxies: a key takes a good part of a second. */
function credentials(): Promise<{ authority: PemPair; leaf: PemPair }> {
  made ??= createAuthority('fault-proxy-ca').then(async (authority) => ({
    authority,
    leaf: await createLeaf(authority, { commonName: 'fault-proxy', addresses: ['127.0.0.1'] }),
  }));
  return made;
}
