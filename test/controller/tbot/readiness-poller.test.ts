import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ShardRef } from '../../../src/controller/tbot/shard-config.ts';
import { ReadinessPoller } from '../../../src/controller/tbot/readiness-poller.ts';

/** How a tbot answers: with its services, or in one of these ways. */
type Behaviour = Readonly<Record<string, string>> | 'garbage' | 'hangs';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Tbots by `bot/shard`, and the poller that asks them. */
async function startTbots(behaviours: Record<string, Behaviour>, timeoutMs = 1_000) {
  const urls = new Map<string, string>();
  for (const name of Object.keys(behaviours))
    urls.set(name, await startTbot(() => behaviours[name] ?? 'garbage'));
  const reports: string[] = [];
  const stop = new AbortController();
  let now = 0;
  const shards = Object.keys(behaviours).map((name): ShardRef => {
    const [bot = '', shard = ''] = name.split('/');
    return { bot, shard: Number(shard) };
  });
  const poller = new ReadinessPoller({
    shards,
    urlOf: ({ bot, shard }) => urls.get(`${bot}/${shard}`) ?? '',
    now: () => new Date(now),
    onPolled: ({ bot, shard }, { failure, isNews }) => {
      reports.push(`${bot}/${shard} ${failure?.code ?? 'answers'}${isNews ? '' : ', still'}`);
    },
    timeoutMs,
  });
  return {
    poller,
    stop,
    poll: async (): Promise<readonly string[]> => {
      await poller.poll(stop.signal);
      return reports.splice(0).toSorted();
    },
    advance: (ms: number) => {
      now += ms;
    },
  };
}

async function startTbot(behaviour: () => Behaviour): Promise<string> {
  const server = createServer((request, response) => {
    const does = behaviour();
    if (does === 'hangs') return;
    if (does === 'garbage' || request.url !== '/readyz') {
      response.end('OK');
      return;
    }
    const entries = Object.entries(does).map(([name, status]) => [name, { status, reason: 'r' }] as const);
    const services: Readonly<Record<string, unknown>> = Object.fromEntries(entries);
    response.writeHead(503).end(JSON.stringify({ status: 'unhealthy', services }));
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('every tbot', () => {
  it('is asked separately, and its answer is kept', async () => {
    const { poller, poll } = await startTbots({
      'a/0': { 'x+one': 'unhealthy' },
      'a/1': { 'y+one': 'healthy' },
      'b/0': 'garbage',
    });
    expect(await poll()).toEqual(['a/0 answers', 'a/1 answers', 'b/0 unexpected']);
    expect(poller.readinessOf({ bot: 'a', shard: 0 })?.statuses).toEqual(
      new Map([['x+one', { kind: 'unhealthy', reason: 'r' }]]),
    );
    expect(poller.readinessOf({ bot: 'a', shard: 1 })?.statuses).toEqual(
      new Map([['y+one', { kind: 'healthy' }]]),
    );
    expect(poller.readinessOf({ bot: 'b', shard: 0 })).toBeUndefined();
  });

  it('is news when its answer changes, and not before', async () => {
    const behaviours: Record<string, Behaviour> = { 'a/0': {} };
    const { poll } = await startTbots(behaviours);
    expect(await poll()).toEqual(['a/0 answers']);
    expect(await poll()).toEqual(['a/0 answers, still']);
    behaviours['a/0'] = 'garbage';
    expect(await poll()).toEqual(['a/0 unexpected']);
    expect(await poll()).toEqual(['a/0 unexpected, still']);
  });

  it('keeps its last answer for two minutes without a new one', async () => {
    const behaviours: Record<string, Behaviour> = { 'a/0': { 'x+one': 'healthy' } };
    const { poller, poll, advance } = await startTbots(behaviours);
    const isKnown = (): boolean => poller.readinessOf({ bot: 'a', shard: 0 }) !== undefined;
    await poll();
    behaviours['a/0'] = 'garbage';
    advance(60_000);
    await poll();
    expect(isKnown()).toBe(true);
    advance(61_000);
    expect(isKnown()).toBe(false);
  });

  it('is polled though others hang', async () => {
    const hanging = Object.fromEntries(
      Array.from({ length: 6 }, (_, index) => [`h/${index}`, 'hangs' as const]),
    );
    const { poller, poll } = await startTbots({ ...hanging, 'a/0': {} }, 300);
    const began = performance.now();
    expect(await poll()).toEqual(['a/0 answers', ...Object.keys(hanging).map((name) => `${name} timeout`)]);
    expect(performance.now() - began).toBeLessThan(3_000);
    expect(poller.readinessOf({ bot: 'a', shard: 0 })).toBeDefined();
  });

  it('is not reported when the leadership ends during the poll', async () => {
    const { poll, stop } = await startTbots({ 'a/0': 'hangs', 'b/0': 'hangs' }, 60_000);
    setTimeout(() => {
      stop.abort();
    }, 100);
    expect(await poll()).toEqual([]);
    expect(await poll()).toEqual([]);
  });
});
