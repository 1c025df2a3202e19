import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClusterCache } from '../../../src/controller/caches/cluster-cache.ts';
import { loadClient, type KubernetesClient } from '../../../src/kubernetes/client.ts';
import type { WatchReport } from '../../../src/kubernetes/watch-handlers.ts';
import { FakeApiServer, json, listOf, sendEvent, until } from '../../kubernetes/fake-api-server.ts';

const SECRETS = '/api/v1/secrets';
const BINDINGS = '/apis/rbac.authorization.k8s.io/v1/rolebindings';
const NAMESPACES = '/api/v1/namespaces';

/** What was refused a few times is asked for after seconds only. */
const PATIENT = { timeout: 40_000, interval: 20 };

let api: FakeApiServer;
let client: KubernetesClient;
let state: ClusterCache;
/** What is in the cluster, by what is asked for: `/api/v1/secrets tbot-one`. */
let lists: Map<string, object[]>;
/** Open watches, by the same. */
let streams: Map<string, ServerResponse>;
let isReachable: boolean;
/** What may not be listed. */
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
  await state.stop();
  await client.close();
  await api.close();
});

function open(): void {
  state = new ClusterCache({
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
  state.onChange((namespace) => changes.push(namespace));
}

async function synced(): Promise<void> {
  open();
  expect(await state.whenSynced()).toBe(true);
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

describe('the state of the cluster', () => {
  it('is asked for by name, and of Secrets the metadata alone', async () => {
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

  it('is known when everything has been seen once', async () => {
    lists.set(NAMESPACES, [namespace('team', { labels: { a: 'b' } }), namespace('bare', { labels: null })]);
    lists.set(ONE, [ofUs('tbot-one', 'team', 'a'), ofUs('tbot-one', 'other', 'a')]);
    lists.set(OF_A, [ofUs('tbot-injector-bot-a', 'team', 'a')]);
    open();
    expect([...state.namespaces()]).toEqual([]);
    expect(await state.whenSynced()).toBe(true);
    expect([...state.namespaces()]).toEqual([
      { name: 'team', labels: { a: 'b' }, isTerminating: false },
      { name: 'bare', labels: {}, isTerminating: false },
    ]);
    expect(state.namespace('nobody')).toBeUndefined();
    const { secrets, bindings } = state.observed('team');
    expect([...secrets]).toMatchObject([['tbot-one', { namespace: 'team', bot: 'a' }]]);
    expect([...bindings]).toMatchObject([['a', { name: 'tbot-injector-bot-a', bot: 'a' }]]);
    expect(state.observed('other').bindings.size).toBe(0);
    expect(state.observed('nobody').secrets.size).toBe(0);
    expect(new Set(changes)).toEqual(new Set(['team', 'bare', 'other']));
  });

  it('is not known before the last of them was seen', async () => {
    let isKnown = false;
    isReachable = false;
    open();
    void state.whenSynced().then(() => {
      isKnown = true;
    });
    await until(() => reports.length >= 5);
    expect(isKnown).toBe(false);
    isReachable = true;
    await until(() => isKnown);
  });

  it('is known without names that this account has no right to, but not at once, and not without Namespaces', async () => {
    lists.set(NAMESPACES, [namespace('team')]);
    refused = new Set([`${SECRETS} three`, NAMESPACES]);
    open();
    let isKnown = false;
    void state.whenSynced().then(() => {
      isKnown = true;
    });
    await until(() => reports.filter(([resource]) => resource === 'secrets/three').length >= 2);
    expect(isKnown).toBe(false);
    refused.delete(NAMESPACES);
    await vi.waitUntil(() => isKnown, PATIENT);
    expect(state.sees('a')).toBe(true);
    expect(state.sees('b')).toBe(false);
    changes.length = 0;
    refused.clear();
    await vi.waitUntil(() => state.sees('b'), PATIENT);
    await until(() => changes.includes('team'));
  });

  it('is never known where it ended before', async () => {
    isReachable = false;
    open();
    await until(() => reports.length >= 5);
    await state.stop();
    expect(await state.whenSynced()).toBe(false);
    expect(ended.toSorted()).toEqual(started.toSorted());
  });
});

describe('a change', () => {
  beforeEach(async () => {
    lists.set(NAMESPACES, [namespace('team')]);
    lists.set(ONE, [ofUs('tbot-one', 'team', 'a')]);
    await synced();
  });

  it('of a Namespace is followed and told', async () => {
    send(NAMESPACES, 'MODIFIED', namespace('team', { labels: { a: 'b' } }));
    send(NAMESPACES, 'ADDED', namespace('new'));
    await until(() => changes.length === 2);
    expect(changes).toEqual(['team', 'new']);
    expect(state.namespace('team')?.labels).toEqual({ a: 'b' });
    send(NAMESPACES, 'MODIFIED', namespace('team', { deletionTimestamp: '2026-01-01T00:00:00Z' }));
    await until(() => state.namespace('team')?.isTerminating === true);
    send(NAMESPACES, 'DELETED', namespace('team'));
    await until(() => state.namespace('team') === undefined);
    expect(changes).toEqual(['team', 'new', 'team', 'team']);
  });

  it('of a Secret is followed and told', async () => {
    send(ONE, 'MODIFIED', ofUs('tbot-one', 'team', 'b'));
    await until(() => state.observed('team').secrets.get('tbot-one')?.bot === 'b');
    send(ONE, 'ADDED', ofUs('tbot-one', 'new', 'a'));
    await until(() => state.observed('new').secrets.size === 1);
    send(ONE, 'DELETED', ofUs('tbot-one', 'team', 'b'));
    await until(() => state.observed('team').secrets.size === 0);
    expect(state.observed('new').secrets.size).toBe(1);
    expect(changes).toEqual(['team', 'new', 'team']);
  });

  it('of a RoleBinding is kept by its bot', async () => {
    const granted = {
      roleRef: { kind: 'ClusterRole', name: 'r' },
      subjects: [{ kind: 'ServiceAccount', namespace: 'n', name: 's' }],
    };
    send(OF_A, 'ADDED', { ...ofUs('tbot-injector-bot-a', 'team', 'a'), ...granted });
    await until(() => state.observed('team').bindings.size === 1);
    expect(state.observed('team').bindings.get('a')?.content).toBe('ClusterRole r to ServiceAccount n/s');
    expect(changes).toEqual(['team']);
  });

  it('that is malformed is passed over and reported, and the next one is followed', async () => {
    send(ONE, 'ADDED', { metadata: null });
    send(NAMESPACES, 'ADDED', { metadata: {} });
    send(ONE, 'ADDED', ofUs('tbot-one', 'new', 'a'));
    await until(() => state.observed('new').secrets.size === 1);
    await until(() => reports.filter(([, kind]) => kind === 'malformed').length === 2);
    expect(changes).toEqual(['new']);
  });

  it('that was missed is told when everything is listed anew: what went, what came, and what is there', async () => {
    send(ONE, 'ADDED', ofUs('tbot-one', 'gone', 'a'));
    await until(() => changes.length === 1);
    changes.length = 0;
    lists.set(ONE, [ofUs('tbot-one', 'team', 'a'), ofUs('tbot-one', 'new', 'a')]);
    send(ONE, 'ERROR', { kind: 'Status', code: 410, reason: 'Expired' });
    await until(() => state.observed('new').secrets.size === 1);
    expect(state.observed('gone').secrets.size).toBe(0);
    expect(changes.toSorted()).toEqual(['gone', 'new', 'team']);
  });

  it('of Namespaces that was missed is told as well', async () => {
    lists.set(NAMESPACES, [namespace('new')]);
    send(NAMESPACES, 'ERROR', { kind: 'Status', code: 410, reason: 'Expired' });
    await until(() => state.namespace('new') !== undefined);
    expect(state.namespace('team')).toBeUndefined();
    expect(changes.toSorted()).toEqual(['new', 'team']);
  });

  it('is told no more after the end', async () => {
    await state.stop();
    send(NAMESPACES, 'ADDED', namespace('late'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(changes).toEqual([]);
    expect(ended).toHaveLength(5);
  });
});
