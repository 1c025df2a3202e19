import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ShardOf } from '../../../src/controller/tbot/shard-config.ts';
import { ReadinessPoller } from '../../../src/controller/tbot/readiness-poller.ts';

/** What a tbot does: its services, or one of these. */
type Manner = Readonly<Record<string, string>> | 'garbage' | 'hangs';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Tbots by `bot/shard`, and somebody who asks them. */
async function scene(manners: Record<string, Manner>, timeoutMs = 1_000) {
  const urls = new Map<string, string>();
  for (const name of Object.keys(manners)) urls.set(name, await play(() => manners[name] ?? 'garbage'));
  const reports: string[] = [];
  const stop = new AbortController();
  let now = 0;
  const shards = Object.keys(manners).map((name): ShardOf => {
    const [bot = '', shard = ''] = name.split('/');
    return { bot, shard: Number(shard) };
  });
  const asker = new ReadinessPoller({
    shards,
    urlOf: ({ bot, shard }) => urls.get(`${bot}/${shard}`) ?? '',
    now: () => new Date(now),
    onPolled: ({ bot, shard }, { failure, isNews }) => {
      reports.push(`${bot}/${shard} ${failure?.code ?? 'answers'}${isNews ? '' : ', still'}`);
    },
    timeoutMs,
  });
  return {
    asker,
    stop,
    look: async (): Promise<readonly string[]> => {
      await asker.poll(stop.signal);
      return reports.splice(0).toSorted();
    },
    pass: (ms: number) => {
      now += ms;
    },
  };
}

async function play(manner: () => Manner): Promise<string> {
  const server = createServer((request, response) => {
    const does = manner();
    if (does === 'hangs') return;
    if (does === 'garbage' || request.url !== '/readyz') {
      response.end('OK');
      return;
    }
    const said = Object.entries(does).map(([name, status]) => [name, { status, reason: 'r' }] as const);
    const services: Readonly<Record<string, unknown>> = Object.fromEntries(said);
    response.writeHead(503).end(JSON.stringify({ status: 'unhealthy', services }));
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('every tbot', () => {
  it('is asked by itself, and remembered', async () => {
    const { asker, look } = await scene({
      'a/0': { 'x+one': 'unhealthy' },
      'a/1': { 'y+one': 'healthy' },
      'b/0': 'garbage',
    });
    expect(await look()).toEqual(['a/0 answers', 'a/1 answers', 'b/0 unexpected']);
    expect(asker.readinessOf({ bot: 'a', shard: 0 })?.statuses).toEqual(
      new Map([['x+one', { kind: 'unhealthy', reason: 'r' }]]),
    );
    expect(asker.readinessOf({ bot: 'a', shard: 1 })?.statuses).toEqual(
      new Map([['y+one', { kind: 'healthy' }]]),
    );
    expect(asker.readinessOf({ bot: 'b', shard: 0 })).toBeUndefined();
  });

  it('is news when it turns, and not before', async () => {
    const manners: Record<string, Manner> = { 'a/0': {} };
    const { look } = await scene(manners);
    expect(await look()).toEqual(['a/0 answers']);
    expect(await look()).toEqual(['a/0 answers, still']);
    manners['a/0'] = 'garbage';
    expect(await look()).toEqual(['a/0 unexpected']);
    expect(await look()).toEqual(['a/0 unexpected, still']);
  });

  it('is remembered through a missed answer or two, and not for long', async () => {
    const manners: Record<string, Manner> = { 'a/0': { 'x+one': 'healthy' } };
    const { asker, look, pass } = await scene(manners);
    const isKnown = (): boolean => asker.readinessOf({ bot: 'a', shard: 0 }) !== undefined;
    await look();
    manners['a/0'] = 'garbage';
    pass(60_000);
    await look();
    expect(isKnown()).toBe(true);
    pass(61_000);
    expect(isKnown()).toBe(false);
  });

  it('is heard, though others hang', async () => {
    const hanging = Object.fromEntries(
      Array.from({ length: 6 }, (_, index) => [`h/${index}`, 'hangs' as const]),
    );
    const { asker, look } = await scene({ ...hanging, 'a/0': {} }, 300);
    const began = performance.now();
    expect(await look()).toEqual(['a/0 answers', ...Object.keys(hanging).map((name) => `${name} timeout`)]);
    expect(performance.now() - began).toBeLessThan(3_000);
    expect(asker.readinessOf({ bot: 'a', shard: 0 })).toBeDefined();
  });

  it('is let go when the leadership ends, and nothing said of it', async () => {
    const { look, stop } = await scene({ 'a/0': 'hangs', 'b/0': 'hangs' }, 60_000);
    setTimeout(() => {
      stop.abort();
    }, 100);
    expect(await look()).toEqual([]);
    expect(await look()).toEqual([]);
  });
});
