import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadClient, type KubernetesClient } from '../../src/kubernetes/client.ts';
import type { WatchChange, WatchReport } from '../../src/kubernetes/watch-handlers.ts';
import { Reflector } from '../../src/kubernetes/reflector.ts';
import {
  LIFETIME_SECONDS,
  TIMING,
  type ReflectorOptions,
  type WatchTiming,
} from '../../src/kubernetes/list-watch.ts';
import {
  FakeApiServer,
  json,
  listOf,
  namespace,
  sendEvent,
  until,
  type FakeRequest,
} from './fake-api-server.ts';

const timing: Partial<WatchTiming> = { backoff: { initialMs: 4, maxMs: 40 }, random: () => 1 };

let api: FakeApiServer;
let client: KubernetesClient;
let watch: Reflector<string> | undefined;
let answerList: (request: FakeRequest, response: ServerResponse, nth: number) => void;
let answerWatch: (request: FakeRequest, response: ServerResponse, nth: number) => void;
/** As lines: `= a b`, `+ a`, `- a`. */
let changes: string[];
let reports: WatchReport[];
const unhandled = vi.fn();

beforeEach(async () => {
  changes = [];
  reports = [];
  watch = undefined;
  answerList = (_, response) => {
    json(response, 200, listOf([namespace('a', 1), namespace('b', 2)], 10));
  };
  answerWatch = (_, response) => {
    response.writeHead(200).flushHeaders();
  };
  api = await new FakeApiServer((request, response) => {
    if (request.query.has('watch')) answerWatch(request, response, api.watches.length);
    else answerList(request, response, api.lists.length);
  }).listen();
  client = loadClient({ kubeconfig: await api.kubeconfig() });
  process.on('unhandledRejection', unhandled);
});

afterEach(async () => {
  await watch?.stop();
  await client.close();
  await api.close();
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
  expect(api.mostWatches).toBeLessThanOrEqual(1);
});

function start(options: Partial<ReflectorOptions<string>> = {}): Reflector<string> {
  watch = new Reflector<string>({
    client,
    path: '/api/v1/namespaces',
    read: (object) => (object as { metadata?: { name?: string } }).metadata?.name,
    onChange: (change) => void changes.push(print(change)),
    onReport: (report) => void reports.push(report),
    ...options,
    timing: { ...timing, ...options.timing },
  });
  return watch;
}

function print(change: WatchChange<string>): string {
  if (change.kind === 'replaced') return ['=', ...change.items].join(' ');
  return `${change.kind === 'set' ? '+' : '-'} ${change.item}`;
}

describe('a watch', () => {
  it('begins with the list, then follows the events from its version', async () => {
    answerWatch = (_, response) => {
      sendEvent(response, 'ADDED', namespace('c', 11));
      sendEvent(response, 'MODIFIED', namespace('a', 12));
      sendEvent(response, 'DELETED', namespace('b', 13));
    };
    const started = start();
    expect(started.synced).toBe(false);
    expect(await started.whenSynced).toBe(true);
    expect(started.synced).toBe(true);
    await until(() => changes.length === 4);
    expect(changes).toEqual(['= a b', '+ c', '+ a', '- b']);
    expect(Object.fromEntries(api.watches[0]?.query ?? [])).toEqual({
      watch: 'true',
      resourceVersion: '10',
      allowWatchBookmarks: 'true',
      timeoutSeconds: '20',
    });
    expect(started.restarts).toBe(0);
    expect(started.lastContact).toBeGreaterThan(Date.now() - 5_000);
  });

  it('reads a long list page by page', async () => {
    answerList = ({ query }, response) => {
      if (query.get('continue') === 'more') json(response, 200, listOf([namespace('z', 3)], 10));
      else json(response, 200, listOf([namespace('a', 1)], 10, 'more'));
    };
    await start().whenSynced;
    expect(changes).toEqual(['= a z']);
    expect(api.lists.map(({ query }) => query.get('limit'))).toEqual(['500', '500']);
  });

  it('goes on from the last version it has seen, including bookmarks, when the server ends it', async () => {
    answerWatch = (_, response, nth) => {
      if (nth === 1) {
        sendEvent(response, 'ADDED', namespace('c', 11));
        sendEvent(response, 'BOOKMARK', { metadata: { resourceVersion: '99' } });
        response.end();
      } else response.writeHead(200).flushHeaders();
    };
    start();
    await until(() => api.watches.length === 2);
    expect(api.watches[1]?.query.get('resourceVersion')).toBe('99');
    expect(api.lists).toHaveLength(1);
    expect(changes).toEqual(['= a b', '+ c']);
  });

  it('skips what is no object of its kind, and reports it', async () => {
    answerWatch = (_, response) => {
      sendEvent(response, 'ADDED', { metadata: {} });
      sendEvent(response, 'SURPRISE', namespace('c', 11));
      sendEvent(response, 'ADDED', namespace('d', 12));
    };
    start();
    await until(() => changes.length === 2);
    expect(changes).toEqual(['= a b', '+ d']);
    expect(reports.filter(({ kind }) => kind === 'malformed')).toHaveLength(2);
  });
});

describe('it lists again', () => {
  const goneEvent = { kind: 'Status', code: 410, message: 'too old resource version' };

  it.each([
    ['text', 'not json\n'],
    ['JSON', '[1, 2]\n'],
    ['null', 'null\n'],
    ['an event without an object', '{"type":"ADDED"}\n'],
    ['half an event before a whole one', '{"type":"ADDED","obj{"type":"ADDED","object":{}}\n'],
  ])('after a line that is %s: there was an event once', async (_, line) => {
    answerWatch = (_, response, nth) => {
      sendEvent(response, 'ADDED', namespace(`c${nth}`, 10 + nth));
      if (nth === 1) response.write(line);
    };
    const started = start();
    await until(() => changes.length === 4);
    expect(changes).toEqual(['= a b', '+ c1', '= a b', '+ c2']);
    expect(ends()).toEqual(['malformed']);
    expect(started.restarts).toBe(1);
  });

  it('after a watch that ends without an error, but in the middle of a line', async () => {
    answerWatch = (_, response, nth) => {
      if (nth === 1) response.end('{"type":"ADDED","obj');
      else response.writeHead(200).flushHeaders();
    };
    start();
    await until(() => api.watches.length === 2);
    expect(changes).toEqual(['= a b', '= a b']);
  });

  it('at the end of a watch of which a handler has failed', async () => {
    answerWatch = (_, response, nth) => {
      if (nth > 2) response.writeHead(200).flushHeaders();
      else sendEvent(response, 'ADDED', namespace(`c${nth}`, 10 + nth));
      if (nth <= 2) response.end();
    };
    let failures = 0;
    start({
      onChange: (change) => {
        changes.push(print(change));
        if (change.kind !== 'replaced' && failures++ === 0) throw new Error('not now');
      },
    });
    await until(() => api.watches.length === 3);
    expect(changes).toEqual(['= a b', '+ c1', '= a b', '+ c2']);
    expect(api.lists).toHaveLength(2);
  });

  it('after a 410 in the stream', async () => {
    answerWatch = (_, response, nth) => {
      if (nth === 1) sendEvent(response, 'ERROR', goneEvent);
      else response.writeHead(200).flushHeaders();
    };
    answerList = (_, response, nth) => {
      json(response, 200, nth === 1 ? listOf([namespace('a', 1)], 10) : listOf([namespace('b', 2)], 20));
    };
    start();
    await until(() => api.watches.length === 2);
    expect(changes).toEqual(['= a', '= b']);
    expect(api.watches[1]?.query.get('resourceVersion')).toBe('20');
    expect(reports).toContainEqual(
      expect.objectContaining({
        kind: 'restarting',
        end: { kind: 'failed', error: expect.anything() as Error },
      }),
    );
  });

  it('after a 410 as the answer', async () => {
    answerWatch = (_, response, nth) => {
      if (nth === 1) json(response, 410, goneEvent);
      else response.writeHead(200).flushHeaders();
    };
    const started = start();
    await until(() => api.watches.length === 2);
    expect(api.lists).toHaveLength(2);
    expect(started.restarts).toBe(1);
  });

  it('when the pages of a list have expired', async () => {
    answerList = ({ query }, response, nth) => {
      if (query.has('continue')) json(response, 410, goneEvent);
      else json(response, 200, listOf([namespace('a', 1)], 10, nth === 1 ? 'more' : undefined));
    };
    await start().whenSynced;
    expect(changes).toEqual(['= a']);
  });
});

describe('it comes back', () => {
  it('when the connection breaks in the middle of an event', async () => {
    answerWatch = (_, response, nth) => {
      sendEvent(response, 'ADDED', namespace(`c${nth}`, 10 + nth));
      if (nth === 1) response.write('{"type":"ADDED","obj', () => response.destroy());
    };
    const started = start();
    await until(() => changes.length === 3);
    expect(changes).toEqual(['= a b', '+ c1', '+ c2']);
    expect(api.watches[1]?.query.get('resourceVersion')).toBe('11');
    expect(api.lists).toHaveLength(1);
    expect(started.restarts).toBe(1);
  });

  it('after errors of list and watch, with growing delays', async () => {
    answerList = (_, response, nth) => {
      if (nth <= 3) json(response, 500, {});
      else json(response, 200, listOf([], 10));
    };
    answerWatch = (_, response, nth) => {
      if (nth <= 2) json(response, 503, {});
      else response.writeHead(200).flushHeaders();
    };
    const started = start();
    await until(() => api.watches.length === 3);
    expect(delays()).toEqual([4, 8, 16, 32, 40]);
    expect(started.restarts).toBe(5);
  });

  it('no sooner than the API server asks for', async () => {
    answerWatch = (_, response, nth) => {
      if (nth === 1) json(response, 429, {}, { 'retry-after': '1' });
      else response.writeHead(200).flushHeaders();
    };
    start();
    await until(() => delays().length === 1);
    expect(delays()[0]).toBeGreaterThan(900);
    await sleep(100);
    expect(api.watches).toHaveLength(1);
    await until(() => api.watches.length === 2);
    expect(api.lists).toHaveLength(1);
  });

  it('when nothing arrives any more', async () => {
    const started = start({ timing: { ...timing, silentAfterMs: 500 } });
    await until(() => api.watches.length === 2);
    expect(reports).toContainEqual(expect.objectContaining({ kind: 'restarting', end: { kind: 'silent' } }));
    expect(started.restarts).toBeGreaterThan(0);
  });

  it('when the watch gets no answer', async () => {
    answerWatch = (_, response, nth) => {
      if (nth > 1) response.writeHead(200).flushHeaders();
    };
    start({ timing: { ...timing, answerWithinMs: 200 } });
    await until(() => api.openWatches === 1 && api.watches.length === 2);
    expect(reports).toContainEqual(expect.objectContaining({ kind: 'restarting', end: { kind: 'silent' } }));
  });

  it('on a new connection, because after a silence no old one can be trusted', async () => {
    answerWatch = () => undefined;
    const others = [1, 2, 3].map(() => client.getJson('/api/v1/namespaces'));
    await Promise.all(others);
    const before = api.connections;
    start({ timing: { ...timing, answerWithinMs: 200 } });
    await until(() => api.watches.length === 3);
    expect(api.connections - before).toBeGreaterThanOrEqual(2);
  });

  it('without a storm, when every watch is accepted and dropped', async () => {
    answerWatch = (_, response) => response.writeHead(200).end();
    start();
    await until(() => delays().length >= 7);
    expect(delays().slice(0, 7)).toEqual([4, 8, 16, 32, 40, 40, 40]);
    expect(api.watches.length).toBeLessThanOrEqual(delays().length + 1);
  });
});

it('a handler that throws or rejects is reported and gets all other events', async () => {
  answerWatch = (_, response) => {
    for (const name of ['c', 'd', 'e']) sendEvent(response, 'ADDED', namespace(name, 11));
  };
  start({
    onChange: (change) => {
      changes.push(print(change));
      if (changes.at(-1) === '+ c') throw new Error('thrown');
      return changes.at(-1) === '+ d' ? Promise.reject(new Error('rejected')) : undefined;
    },
    onReport: (report) => {
      reports.push(report);
      throw new Error('even the one who tells');
    },
  });
  await until(() => changes.length === 4);
  const failures = reports.filter((report) => report.kind === 'handler-failed');
  expect(failures.map(({ error }) => (error as Error).message)).toEqual(['thrown', 'rejected']);
  expect(api.watches).toHaveLength(1);
});

it('an unreadable object stops neither list nor watch', async () => {
  const read = (object: unknown): string => {
    const { name } = (object as { metadata: { name: string } }).metadata;
    if (name === 'a') throw new Error('unreadable');
    return name;
  };
  answerWatch = (_, response) => {
    for (const name of ['a', 'c']) sendEvent(response, 'ADDED', namespace(name, 11));
  };
  start({ read });
  await until(() => changes.length === 2);
  expect(changes).toEqual(['= b', '+ c']);
  expect(reports.filter(({ kind }) => kind === 'handler-failed')).toHaveLength(2);
});

it('its timeouts fit into the 35 s after which it has to be right again', () => {
  const { answerWithinMs, backoff, silentAfterMs } = TIMING;
  // At worst an attempt began just before the fault ended, and the longest wait follows it.
  expect(answerWithinMs + backoff.maxMs).toBeLessThan(30_000);
  expect(silentAfterMs).toBeLessThan(30_000);
  expect(silentAfterMs).toBeGreaterThan(LIFETIME_SECONDS * 1000);
});

describe('stop', () => {
  it('closes the watch and delivers nothing more', async () => {
    let send = (): void => undefined;
    answerWatch = (_, response) => {
      response.writeHead(200).flushHeaders();
      send = () => {
        sendEvent(response, 'ADDED', namespace('late', 11));
      };
    };
    const started = start();
    await until(() => api.openWatches === 1);
    const stopped = started.stop();
    send();
    await stopped;
    await until(() => api.openWatches === 0);
    expect(changes).toEqual(['= a b']);
    expect(started.restarts).toBe(0);
  });

  it('works before the first list, and ends the wait for it', async () => {
    answerList = () => undefined;
    const started = start();
    await until(() => api.lists.length === 1);
    await started.stop();
    expect(await started.whenSynced).toBe(false);
  });

  it('closes the connection to a server that has not answered the watch', async () => {
    answerWatch = () => undefined;
    const started = start();
    await until(() => api.openWatches === 1);
    await started.stop();
    await until(() => api.openWatches === 0);
  });

  it('does not wait for the end of a back-off', async () => {
    answerList = (_, response) => {
      json(response, 500, {});
    };
    const started = start({ timing: { ...timing, backoff: { initialMs: 60_000, maxMs: 60_000 } } });
    await until(() => delays().length === 1);
    await started.stop();
    expect(api.lists).toHaveLength(1);
  });
});

/** The codes of the errors that ended watches. */
function ends(): readonly string[] {
  return reports.flatMap((report) =>
    report.kind === 'restarting' && report.end.kind === 'failed' ? [report.end.error.code] : [],
  );
}

function delays(): readonly number[] {
  return reports.filter((report) => report.kind === 'restarting').map(({ delayMs }) => delayMs);
}
