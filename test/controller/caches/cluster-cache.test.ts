import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClusterCache } from '../../../src/controller/caches/cluster-cache.ts';
import { loadClient, type KubernetesClient } from '../../../src/kubernetes/client.ts';
import type { WatchReport } from '../../../src/kubernetes/watch-handlers.ts';
import { FakeApiServer, json, listOf, sendEvent, until } from '../../kubernetes/fake-api-server.ts';

const SECRETS = '/api/v1/secrets';
const BINDINGS = '/apis/rbac.authorization.k8s.io/v1/rolebindings';
const NAMESPACES = '/api/v1/namespaces';

/** The back-off after a few refusals is seconds long. */
const PATIENT = { timeout: 40_000, interval: 20 };

let api: FakeApiServer;
let client: KubernetesClient;
let cache: ClusterCache;
/** Objects of the cluster, by path and name of the request: `/api/v1/secrets tbot-one`. */
let lists: Map<string, object[]>;
/** Open watches, by the same. */
let streams: Map<string, ServerResponse>;
let isReachable: boolean;
/** Keys that may not be listed. */
let refused: Set<string>;
let changes: string[];
let reports: [string, WatchReport['kind']][];
let started: string[];
let ended: string[];

const keyOf = (path: string, query: URLSearchParams): string => {
  const name = /^metadata\.name=(.+)$/.exec(query.get('fieldSelector') ?? '')?.[1];
  return name === undefined ? path : `${path} ${name}`;
};

beforeEach(async () => {
  lists = new Map();
  streams = new Map();
  isReachable = true;
  refused = new Set();
  [changes, reports, started, ended] = [[], [], [], []];
  api = await new FakeApiServer(({ path, query }, response) => {
    const key = keyOf(path, query);
    if (!isReachable) json(response, 503, {});
    else if (refused.has(key)) json(response, 403, {});
    else if (query.has('watch')) {
      streams.set(key, response);
      response.writeHead(200).flushHeaders();
    } else json(response, 200, listOf(lists.get(key) ?? [], 10));
  }).listen();
  client = loadClient({ kubeconfig: await api.kubeconfig() });
});

afterEach(async () => {
  await cache.stop();
  await client.close();
  await api.close();
});

function open(): void {
  cache = new ClusterCache({
    client,
    monitor: {
      informerReported: (resource, { kind }) => reports.push([resource, kind]),
      informerStarted: (resource) => started.push(resource),
      informerStopped: (resource) => ended.push(resource),
    },
    bots: new Map([
      ['a', { secrets: ['tbot-one'], binding: 'tbot-injector-bot-a' }],
      ['b', { secrets: ['three'], binding: 'tbot-injector-bot-b' }],
    ]),
    patienceMs: 300,
  });
  cache.onChange((namespace) => changes.push(namespace));
}

async function synced(): Promise<void> {
  open();
  expect(await cache.whenSynced()).toBe(true);
  await until(() => streams.size === 5);
  changes.length = 0;
}

function send(key: string, type: string, object: object): void {
  const stream = streams.get(key);
  if (stream !== undefined) sendEvent(stream, type, object);
}

function namespace(name: string, metadata: object = {}): object {
  return { metadata: { name, resourceVersion: '1', ...metadata } };
}

function ofUs(name: string, namespace: string, bot: string, metadata: object = {}): object {
  const labels = { 'app.kubernetes.io/managed-by': 'tbot-injector', 'tbot-injector.io/bot': bot };
  return {
    metadata: { name, namespace, uid: `${namespace}-${name}`, resourceVersion: '2', labels, ...metadata },
  };
}

const ONE = `${SECRETS} tbot-one`;
const OF_A = `${BINDINGS} tbot-injector-bot-a`;

describe('the cluster cache', () => {
  it('asks for each name separately, and for the metadata of Secrets alone', async () => {
    await synced();
    const asked = (requests: typeof api.requests): readonly string[] =>
      requests.map(({ path, query }) => keyOf(path, query)).toSorted();
    const all = [NAMESPACES, ONE, `${SECRETS} three`, OF_A, `${BINDINGS} tbot-injector-bot-b`].toSorted();
    expect(asked([...api.lists])).toEqual(all);
    expect(asked([...api.watches])).toEqual(all);
    for (const { path, query, headers } of api.requests.filter((request) => request.path === SECRETS)) {
      expect(path).toBe(SECRETS);
      const form = query.has('watch') ? 'PartialObjectMetadata' : 'PartialObjectMetadataList';
      expect(headers.accept).toBe(`application/json;g=meta.k8s.io;v=v1;as=${form}`);
    }
    expect(started.toSorted()).toEqual([
      'namespaces',
      'rolebindings/tbot-injector-bot-a',
      'rolebindings/tbot-injector-bot-b',
      'secrets/tbot-one',
      'secrets/three',
    ]);
  });

  it('is synced when every list has been read once', async () => {
    lists.set(NAMESPACES, [namespace('team', { labels: { a: 'b' } }), namespace('bare', { labels: null })]);
    lists.set(ONE, [ofUs('tbot-one', 'team', 'a'), ofUs('tbot-one', 'other', 'a')]);
    lists.set(OF_A, [ofUs('tbot-injector-bot-a', 'team', 'a')]);
    open();
    expect([...cache.namespaces()]).toEqual([]);
    expect(await cache.whenSynced()).toBe(true);
    expect([...cache.namespaces()]).toEqual([
      { name: 'team', labels: { a: 'b' }, isTerminating: false },
      { name: 'bare', labels: {}, isTerminating: false },
    ]);
    expect(cache.namespace('unknown')).toBeUndefined();
    const { secrets, bindings } = cache.observed('team');
    expect([...secrets]).toMatchObject([['tbot-one', { namespace: 'team', bot: 'a' }]]);
    expect([...bindings]).toMatchObject([['a', { name: 'tbot-injector-bot-a', bot: 'a' }]]);
    expect(cache.observed('other').bindings.size).toBe(0);
    expect(cache.observed('unknown').secrets.size).toBe(0);
    expect(new Set(changes)).toEqual(new Set(['team', 'bare', 'other']));
  });

  it('is not synced before the last list has been read', async () => {
    let isSynced = false;
    isReachable = false;
    open();
    void cache.whenSynced().then(() => {
      isSynced = true;
    });
    await until(() => reports.length >= 5);
    expect(isSynced).toBe(false);
    isReachable = true;
    await until(() => isSynced);
  });

  it('is synced, after a while, without names that its account may not list, but never without Namespaces', async () => {
    lists.set(NAMESPACES, [namespace('team')]);
    refused = new Set([`${SECRETS} three`, NAMESPACES]);
    open();
    let isSynced = false;
    void cache.whenSynced().then(() => {
      isSynced = true;
    });
    await until(() => reports.filter(([resource]) => resource === 'secrets/three').length >= 2);
    expect(isSynced).toBe(false);
    refused.delete(NAMESPACES);
    await vi.waitUntil(() => isSynced, PATIENT);
    expect(cache.sees('a')).toBe(true);
    expect(cache.sees('b')).toBe(false);
    changes.length = 0;
    refused.clear();
    await vi.waitUntil(() => cache.sees('b'), PATIENT);
    await until(() => changes.includes('team'));
  });

  it('is never synced if it was stopped before', async () => {
    isReachable = false;
    open();
    await until(() => reports.length >= 5);
    await cache.stop();
    expect(await cache.whenSynced()).toBe(false);
    expect(ended.toSorted()).toEqual(started.toSorted());
  });
});

describe('a change', () => {
  beforeEach(async () => {
    lists.set(NAMESPACES, [namespace('team')]);
    lists.set(ONE, [ofUs('tbot-one', 'team', 'a')]);
    await synced();
  });

  it('of a Namespace is stored and reported', async () => {
    send(NAMESPACES, 'MODIFIED', namespace('team', { labels: { a: 'b' } }));
    send(NAMESPACES, 'ADDED', namespace('new'));
    await until(() => changes.length === 2);
    expect(changes).toEqual(['team', 'new']);
    expect(cache.namespace('team')?.labels).toEqual({ a: 'b' });
    send(NAMESPACES, 'MODIFIED', namespace('team', { deletionTimestamp: '2026-01-01T00:00:00Z' }));
    await until(() => cache.namespace('team')?.isTerminating === true);
    send(NAMESPACES, 'DELETED', namespace('team'));
    await until(() => cache.namespace('team') === undefined);
    expect(changes).toEqual(['team', 'new', 'team', 'team']);
  });

  it('of a Secret is stored and reported', async () => {
    send(ONE, 'MODIFIED', ofUs('tbot-one', 'team', 'b'));
    await until(() => cache.observed('team').secrets.get('tbot-one')?.bot === 'b');
    send(ONE, 'ADDED', ofUs('tbot-one', 'new', 'a'));
    await until(() => cache.observed('new').secrets.size === 1);
    send(ONE, 'DELETED', ofUs('tbot-one', 'team', 'b'));
    await until(() => cache.observed('team').secrets.size === 0);
    expect(cache.observed('new').secrets.size).toBe(1);
    expect(changes).toEqual(['team', 'new', 'team']);
  });

  it('of a RoleBinding is stored by its bot', async () => {
    const granted = {
      roleRef: { kind: 'ClusterRole', name: 'r' },
      subjects: [{ kind: 'ServiceAccount', namespace: 'n', name: 's' }],
    };
    send(OF_A, 'ADDED', { ...ofUs('tbot-injector-bot-a', 'team', 'a'), ...granted });
    await until(() => cache.observed('team').bindings.size === 1);
    expect(cache.observed('team').bindings.get('a')?.content).toBe('ClusterRole r to ServiceAccount n/s');
    expect(changes).toEqual(['team']);
  });

  it('to a malformed object is skipped and reported, and the next one is stored', async () => {
    send(ONE, 'ADDED', { metadata: null });
    send(NAMESPACES, 'ADDED', { metadata: {} });
    send(ONE, 'ADDED', ofUs('tbot-one', 'new', 'a'));
    await until(() => cache.observed('new').secrets.size === 1);
    await until(() => reports.filter(([, kind]) => kind === 'malformed').length === 2);
    expect(changes).toEqual(['new']);
  });

  it('that the watch missed is reported after the next LIST: objects that are gone, new or still there', async () => {
    send(ONE, 'ADDED', ofUs('tbot-one', 'gone', 'a'));
    await until(() => changes.length === 1);
    changes.length = 0;
    lists.set(ONE, [ofUs('tbot-one', 'team', 'a'), ofUs('tbot-one', 'new', 'a')]);
    send(ONE, 'ERROR', { kind: 'Status', code: 410, reason: 'Expired' });
    await until(() => cache.observed('new').secrets.size === 1);
    expect(cache.observed('gone').secrets.size).toBe(0);
    expect(changes.toSorted()).toEqual(['gone', 'new', 'team']);
  });

  it('of Namespaces that the watch missed is reported as well', async () => {
    lists.set(NAMESPACES, [namespace('new')]);
    send(NAMESPACES, 'ERROR', { kind: 'Status', code: 410, reason: 'Expired' });
    await until(() => cache.namespace('new') !== undefined);
    expect(cache.namespace('team')).toBeUndefined();
    expect(changes.toSorted()).toEqual(['new', 'team']);
  });

  it('is not reported after the stop', async () => {
    await cache.stop();
    send(NAMESPACES, 'ADDED', namespace('late'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(changes).toEqual([]);
    expect(ended).toHaveLength(5);
  });
});
