import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as listen, type AddressInfo, type Server as Listener } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { getReadiness } from '../../../src/controller/tbot/get-readiness.ts';

const NEVER = new AbortController().signal;
const open: (Server | Listener)[] = [];

afterEach(() => {
  for (const server of open.splice(0)) {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close();
  }
});

async function serve(server: Server | Listener): Promise<string> {
  open.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/readyz`;
}

function answering(listener: RequestListener): Promise<string> {
  return serve(createServer(listener));
}

function get(url: string, timeoutMs = 5_000, signal = NEVER): Promise<string> {
  return getReadiness(url, { signal, timeoutMs });
}

describe('the readiness of a tbot', () => {
  it.each([200, 503])('is read from an answer with status %i', async (status) => {
    const url = await answering((request, response) => {
      response.writeHead(status).end(`${request.method ?? ''} ${request.url ?? ''}`);
    });
    expect(await get(url)).toBe('GET /readyz');
  });

  it.each([302, 404, 500])('is not read from an answer with status %i', async (status) => {
    const url = await answering((_, response) => {
      response.writeHead(status, { location: '/elsewhere' }).end('x');
    });
    await expect(get(url)).rejects.toMatchObject({
      code: 'unexpected',
      message: `${url}: found status ${status}; expected 200 or 503`,
    });
  });

  it('is not read to the end of 100 MB', async () => {
    let sent = 0;
    const url = await answering((_, response) => {
      const chunk = Buffer.alloc(2 ** 20, ' ');
      const write = (): void => {
        while (sent < 100 && !response.destroyed) {
          sent++;
          if (!response.write(chunk)) break;
        }
      };
      response.on('drain', write);
      write();
    });
    await expect(get(url)).rejects.toMatchObject({ code: 'too-long' });
    expect(sent).toBeLessThan(50);
  });

  it('is never decompressed', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * 2 ** 20));
    const url = await answering((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    });
    expect((await get(url)).length).toBeLessThanOrEqual(bomb.length);
  });

  it.each<[string, RequestListener]>([
    ['never begins', () => undefined],
    [
      'hangs after its headers',
      (_, response) => {
        response.writeHead(200).flushHeaders();
      },
    ],
    [
      'lets its answer drip',
      (_, response) => {
        const timer = setInterval(() => response.write(' '), 20);
        response.on('close', () => {
          clearInterval(timer);
        });
      },
    ],
    [
      'changes to another protocol',
      (_, response) => {
        response.writeHead(101, { connection: 'upgrade', upgrade: 'x' }).flushHeaders();
      },
    ],
    [
      'sends interim responses only',
      (_, response) => {
        const timer = setInterval(() => {
          response.writeProcessing();
        }, 20);
        response.on('close', () => {
          clearInterval(timer);
        });
      },
    ],
  ])('is given up in time if the answer %s', async (_, listener) => {
    const url = await answering(listener);
    const began = performance.now();
    await expect(get(url, 300)).rejects.toMatchObject({
      code: 'timeout',
      message: `${url}: no answer within 300 ms`,
    });
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('is given up at once when the caller aborts', async () => {
    const url = await answering((_, response) => {
      response.writeHead(200).flushHeaders();
    });
    const stop = new AbortController();
    const getting = get(url, 60_000, stop.signal);
    setTimeout(() => {
      stop.abort();
    }, 100);
    await expect(getting).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('is not there where the connection is refused', async () => {
    const url = await answering(() => undefined);
    open.splice(0).forEach((server) => server.close());
    await expect(get(url)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('ECONNREFUSED') as string,
    });
    await expect(get('http://absent.invalid:3001/readyz')).rejects.toMatchObject({ code: 'unreachable' });
  });

  it.each([
    ['no HTTP', 'SSH-2.0-x\r\n'],
    ['half an answer', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx'],
    ['headers without an end', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(10_000)}`],
  ])('is not read from an answer that is %s', async (_, bytes) => {
    const url = await serve(listen((socket) => socket.on('error', () => undefined).end(bytes)));
    await expect(get(url, 1_000)).rejects.toMatchObject({ code: 'unreachable' });
  });
});
