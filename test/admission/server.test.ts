import { Agent, request as send } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { Server } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { text } from 'node:stream/consumers';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Connections, drain } from '../../src/admission/connections.ts';
import { createAdmissionServer, listen, SERVER_TIMES, type ServerTimes } from '../../src/admission/server.ts';
import { issueCa, issueServing } from '../../src/certificates/issue.ts';
import type { KeyPair } from '../../src/certificates/key-pair.ts';
import { pod, review, testRoute } from './fixture.ts';

let ca: KeyPair;
let serving: KeyPair;
const servers: Server[] = [];

beforeAll(async () => {
  const now = new Date();
  ca = await issueCa({ commonName: 'test', now });
  serving = await issueServing({ ca, names: ['localhost'], now });
});

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function start(
  times: Partial<ServerTimes> = {},
  maxIdle?: number,
): Promise<{ server: Server; connections: Connections; port: number }> {
  const server = createAdmissionServer({ pair: serving, clients: undefined }, testRoute().listener, {
    ...SERVER_TIMES,
    ...times,
  });
  servers.push(server);
  const connections = new Connections(server, maxIdle);
  return { server, connections, port: (await listen(server, 0, '127.0.0.1')).port };
}

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
  readonly connection: string | undefined;
  readonly reused: boolean;
}

function mutate(port: number, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      port,
      host: 'localhost',
      path: '/mutate?timeout=5s',
      method: 'POST',
      ca: ca.certificate,
      agent,
    };
    const sent = send({ ...options, headers: { 'Content-Type': 'application/json' } }, (answer) => {
      void text(answer).then((body) => {
        resolve({
          status: answer.statusCode,
          body,
          connection: answer.headers.connection,
          reused: sent.reusedSocket,
        });
      });
    });
    sent.on('error', reject);
    sent.end(JSON.stringify(review(pod())));
  });
}

function open(port: number): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      port,
      host: '127.0.0.1',
      servername: 'localhost',
      ca: ca.certificate,
      ALPNProtocols: ['h2', 'http/1.1'],
    });
    socket.once('secureConnect', () => {
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

describe('the HTTPS server', () => {
  it('answers over TLS and keeps the connection for the next review', async () => {
    const { port } = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const first = await mutate(port, agent);
    const second = await mutate(port, agent);
    agent.destroy();
    expect([first.status, second.status, second.reused]).toEqual([200, 200, true]);
    expect(second.body).toContain('"allowed":true');
  });

  it('speaks HTTP/1.1, as the API server does to webhooks', async () => {
    const { port } = await start();
    const socket = await open(port);
    expect(socket.alpnProtocol).toBe('http/1.1');
    socket.destroy();
  });

  it('keeps idle connections longer than the API server does (90 s)', () => {
    expect(SERVER_TIMES.keepAliveTimeout).toBeGreaterThan(120_000);
    // Connections opened in advance, and not used yet.
    expect(SERVER_TIMES.headersTimeout).toBeGreaterThan(120_000);
    expect(SERVER_TIMES.requestTimeout).toBeGreaterThan(120_000);
  });

  it('cuts off a sender that is too slow, with 408', async () => {
    const { port } = await start({
      requestTimeout: 200,
      headersTimeout: 200,
      connectionsCheckingInterval: 50,
    });
    const socket = await open(port);
    socket.write(
      'POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    );
    expect(await text(socket)).toMatch(/^HTTP\/1.1 408 /);
  });

  it('does not take an idle connection for a slow sender', async () => {
    const { port } = await start({
      requestTimeout: 200,
      headersTimeout: 200,
      connectionsCheckingInterval: 50,
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await mutate(port, agent);
    await new Promise((resolve) => setTimeout(resolve, 600));
    const second = await mutate(port, agent);
    agent.destroy();
    expect([second.status, second.reused]).toEqual([200, true]);
  });

  it('rejects where the port is taken', async () => {
    const { port } = await start();
    const other = createAdmissionServer({ pair: serving, clients: undefined }, testRoute().listener);
    await expect(listen(other, port, '127.0.0.1')).rejects.toMatchObject({ code: 'EADDRINUSE', port });
  });
});

describe('draining', () => {
  it('serves on, asks to close connections, and closes when it is quiet', async () => {
    const { server, connections, port } = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect((await mutate(port, agent)).connection).toBe('keep-alive');
    const drained = drain(server, connections, { quietMs: 300, maxMs: 10_000 });
    const during = await mutate(port, agent);
    expect([during.status, during.connection, during.reused]).toEqual([200, 'close', true]);
    await drained;
    agent.destroy();
    await expect(mutate(port, new Agent())).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('closes in the end, even under load', async () => {
    const { server, connections, port } = await start();
    const ended = new AbortController();
    const drained = drain(server, connections, { quietMs: 1000, maxMs: 400 }).then(() => {
      ended.abort();
    });
    const agent = new Agent();
    for (let i = 0; i < 100 && !ended.signal.aborted; i++) {
      await mutate(port, agent).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await drained;
    expect(ended.signal.aborted).toBe(true);
  });

  it('closes in the end, though a client has connected and sends nothing', async () => {
    const { server, connections, port } = await start();
    const silent = connectPlain(port, '127.0.0.1');
    await once(silent, 'connect');
    const began = performance.now();
    await drain(server, connections, { quietMs: 100, maxMs: 300 });
    expect(performance.now() - began).toBeLessThan(5_000);
    await once(silent, 'close');
  });

  it('asks for the end of a connection whose request had begun before', async () => {
    const { server, connections, port } = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const body = JSON.stringify(review(pod()));
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const request = send({
      host: '127.0.0.1',
      port,
      path: '/mutate',
      method: 'POST',
      ca: ca.certificate,
      servername: 'localhost',
      agent,
      headers,
    });
    request.write(body.slice(0, 10));
    await once(server, 'request');
    const drained = drain(server, connections, { quietMs: 300, maxMs: 10_000 });
    request.end(body.slice(10));
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    answer.resume();
    expect([answer.statusCode, answer.headers.connection]).toEqual([200, 'close']);
    await drained;
    agent.destroy();
  });
});

describe('connections', () => {
  it('that never sent a request are closed before those that did', async () => {
    const { port } = await start({}, 3);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await mutate(port, agent);
    const silent: TLSSocket[] = [];
    const closed: number[] = [];
    for (let count = 0; count < 5; count++) {
      const socket = connect({ host: '127.0.0.1', port, ca: ca.certificate, servername: 'localhost' });
      socket.on('error', () => undefined).on('close', () => closed.push(count));
      await once(socket, 'secureConnect');
      silent.push(socket);
    }
    await expect.poll(() => closed.toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
    expect((await mutate(port, agent)).reused).toBe(true);
    for (const socket of silent) socket.destroy();
    agent.destroy();
  });

  it('without a handshake are not kept', async () => {
    const { port } = await start({ handshakeTimeout: 200 });
    const silent = connectPlain(port, '127.0.0.1');
    await once(silent, 'close');
  });
});
