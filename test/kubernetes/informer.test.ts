import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadClient, type KubernetesClient } from '../../src/kubernetes/client.ts';
import { Informer, NOT_KEPT, type InformerOptions, type StoreChange } from '../../src/kubernetes/informer.ts';
import { FakeApiServer, json, listOf, sendEvent, until } from './fake-api-server.ts';

interface Kept {
  readonly name: string;
  readonly value: string;
}

let api: FakeApiServer;
let client: KubernetesClient;
let informer: Informer<Kept>;
let streams: ServerResponse[];
let listed: object[];
let changes: StoreChange<Kept>[];
let monitored: string[];

beforeEach(async () => {
  [streams, changes, monitored] = [[], [], []];
  listed = [thing('a', 'one'), thing('b', 'two')];
  api = await new FakeApiServer(({ query }, response) => {
    if (query.has('watch')) {
      streams.push(response);
      response.writeHead(200).flushHeaders();
    } else json(response, 200, listOf(listed, 10));
  }).listen();
  client = loadClient({ kubeconfig: await api.kubeconfig() });
});

afterEach(async () => {
  await informer.stop();
  await client.close();
  await api.close();
});

function thing(name: string, value: string, namespace = 'team'): object {
  return { metadata: { name, namespace, resourceVersion: '1' }, value };
}

async function open(options: Partial<InformerOptions<Kept>> = {}): Promise<void> {
  informer = new Informer<Kept>({
    client,
    resource: 'things',
    path: '/api/v1/things',
    timing: { backoff: { initialMs: 4, maxMs: 40 }, random: () => 1 },
    read: (object) => {
      const { metadata, value } = object as { metadata: { name: string }; value?: unknown };
      if (value === 'other') return NOT_KEPT;
      return typeof value === 'string' ? { name: metadata.name, value } : undefined;
    },
    onChange: (change) => void changes.push(change),
    monitor: {
      informerStarted: (resource) => void monitored.push(`${resource} started`),
      informerReported: (_, { kind }) => void monitored.push(kind),
      informerStopped: (resource) => void monitored.push(`${resource} stopped`),
    },
    ...options,
  });
  expect(informer.synced).toBe(false);
  expect(await informer.whenSynced).toBe(true);
  await until(() => streams.length > 0);
}

function send(type: string, object: object): void {
  const stream = streams.at(-1);
  if (stream !== undefined) sendEvent(stream, type, object);
}

const values = (): readonly string[] => [...informer.values()].map(({ name, value }) => `${name}=${value}`);

describe('the store', () => {
  it('holds what was listed, by namespace and name', async () => {
    await open();
    expect(informer.get('team/a')).toEqual({ name: 'a', value: 'one' });
    expect(informer.get('a')).toBeUndefined();
    expect([...informer.keys()]).toEqual(['team/a', 'team/b']);
    expect(informer.synced).toBe(true);
  });

  it('has names alone as keys where there is no namespace', async () => {
    listed = [{ metadata: { name: 'node', resourceVersion: '1' }, value: 'one' }];
    await open();
    expect([...informer.keys()]).toEqual(['node']);
  });

  it('follows what is added, changed and deleted, and reports the object before the change', async () => {
    await open();
    changes.length = 0;
    send('ADDED', thing('c', 'three'));
    send('MODIFIED', thing('a', 'changed'));
    send('DELETED', thing('b', 'two'));
    await until(() => changes.length === 3);
    expect(values()).toEqual(['a=changed', 'c=three']);
    expect(changes).toEqual([
      { key: 'team/c', before: undefined, after: { name: 'c', value: 'three' } },
      { key: 'team/a', before: { name: 'a', value: 'one' }, after: { name: 'a', value: 'changed' } },
      { key: 'team/b', before: { name: 'b', value: 'two' }, after: undefined },
    ]);
  });

  it('removes an object that is no longer relevant, without reporting it as malformed', async () => {
    await open();
    changes.length = 0;
    send('MODIFIED', thing('a', 'other'));
    await until(() => changes.length === 1);
    expect(values()).toEqual(['b=two']);
    expect(monitored).not.toContain('malformed');
  });

  it('keeps the last good version of a malformed object, and reports it', async () => {
    await open();
    send('MODIFIED', { metadata: { name: 'a', namespace: 'team', resourceVersion: '2' } });
    await until(() => monitored.includes('malformed'));
    expect(values()).toEqual(['a=one', 'b=two']);
  });

  it('after a new LIST has only what was listed, and calls handlers for every key again', async () => {
    await open();
    changes.length = 0;
    listed = [thing('b', 'two'), thing('c', 'three')];
    streams.at(-1)?.end('garbage\n');
    await until(() => changes.length === 3);
    expect(values()).toEqual(['b=two', 'c=three']);
    expect(changes.map(({ key, after }) => [key, after?.value])).toEqual([
      ['team/a', undefined],
      ['team/b', 'two'],
      ['team/c', 'three'],
    ]);
  });
});

describe('a handler', () => {
  it('finds the store already changed', async () => {
    const seen: unknown[] = [];
    await open({ onChange: ({ key }) => seen.push([key, informer.get(key)?.value]) });
    expect(seen).toEqual([
      ['team/a', 'one'],
      ['team/b', 'two'],
    ]);
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('not now');
      },
    ],
    ['rejects', () => Promise.reject(new Error('not now'))],
  ])(
    'that %s at one key is called for the others, and again for all after the next LIST',
    async (_, fail) => {
      const called: string[] = [];
      let isFirst = true;
      await open({
        onChange: ({ key }) => {
          called.push(key);
          if (key !== 'team/a' || !isFirst) return undefined;
          isFirst = false;
          return fail();
        },
      });
      expect(called).toEqual(['team/a', 'team/b']);
      await until(() => monitored.includes('handler-failed'));
      streams.at(-1)?.end();
      await until(() => called.length === 4);
      expect(called).toEqual(['team/a', 'team/b', 'team/a', 'team/b']);
    },
  );
});

it('the monitor is called at the start and the stop', async () => {
  await open();
  await informer.stop();
  expect(monitored.at(0)).toBe('things started');
  expect(monitored.at(-1)).toBe('things stopped');
});
