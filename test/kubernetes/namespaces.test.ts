import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadClient, type KubernetesClient } from '../../src/kubernetes/client.ts';
import { createNamespaceReader, type NamespaceReader } from '../../src/kubernetes/namespaces.ts';
import { FakeApiServer, json, listOf, namespace, sendEvent, until } from './fake-api-server.ts';

let api: FakeApiServer;
let client: KubernetesClient;
let reader: NamespaceReader;
let stream: ServerResponse | undefined;
let answerRead: (name: string, response: ServerResponse) => void;
let reads: string[];

beforeEach(async () => {
  reads = [];
  stream = undefined;
  api = await new FakeApiServer(({ path, query }, response) => {
    const name = /\/namespaces\/(.+)/.exec(path)?.[1];
    if (name !== undefined) {
      reads.push(name);
      answerRead(name, response);
    } else if (query.has('watch')) {
      stream = response;
      response.writeHead(200).flushHeaders();
    } else
      json(response, 200, listOf([namespace('payments', 1, { team: 'payments' }), namespace('bare', 2)], 10));
  }).listen();
  client = loadClient({ kubeconfig: await api.kubeconfig() });
  reader = createNamespaceReader({ client });
});

afterEach(async () => {
  await reader.stop();
  await client.close();
  await api.close();
});

function send(type: string, object: object): void {
  if (stream !== undefined) sendEvent(stream, type, object);
}

describe('the cache', () => {
  it('knows names and labels, and nothing else of a Namespace', async () => {
    expect(reader.get('payments')).toBeUndefined();
    expect(reader.synced).toBe(false);
    expect(await reader.whenSynced).toBe(true);
    expect(reader.get('payments')).toEqual({ name: 'payments', labels: { team: 'payments' } });
    expect(reader.get('bare')).toEqual({ name: 'bare', labels: {} });
    expect(reader.get('unknown')).toBeUndefined();
    expect(reader.synced).toBe(true);
  });

  it('follows the cluster', async () => {
    await until(() => stream !== undefined);
    send('MODIFIED', namespace('payments', 11, { team: 'billing' }));
    send('ADDED', namespace('new', 12));
    send('DELETED', namespace('bare', 13));
    await until(() => reader.get('bare') === undefined);
    expect(reader.get('payments')?.labels).toEqual({ team: 'billing' });
    expect(reader.get('new')).toEqual({ name: 'new', labels: {} });
  });

  it('gives labels no inherited names', async () => {
    await reader.whenSynced;
    expect(reader.get('bare')?.labels['constructor']).toBeUndefined();
  });
});

describe('a live read', () => {
  beforeEach(() => {
    answerRead = (name, response) => {
      json(response, 200, namespace(name, 5, { fresh: 'yes' }));
    };
  });

  it('asks the API server once for all concurrent callers', async () => {
    const answers = await Promise.all([
      reader.read('payments'),
      reader.read('payments'),
      reader.read('other'),
    ]);
    expect(answers[0]).toEqual({ kind: 'found', namespace: { name: 'payments', labels: { fresh: 'yes' } } });
    expect(answers[1]).toBe(answers[0]);
    expect(reads.toSorted()).toEqual(['other', 'payments']);
    await reader.read('payments');
    expect(reads).toHaveLength(3);
  });

  it('never changes the cache, which may be ahead of it', async () => {
    await until(() => stream !== undefined);
    send('DELETED', namespace('payments', 11));
    await until(() => reader.get('payments') === undefined);
    expect(await reader.read('payments')).toMatchObject({ kind: 'found' });
    expect(reader.get('payments')).toBeUndefined();
  });

  it('distinguishes an absent Namespace from a failed request', async () => {
    answerRead = (name, response) => {
      if (name === 'absent') json(response, 404, {});
      if (name === 'forbidden') json(response, 403, {});
      if (name === 'odd') json(response, 200, {});
    };
    expect(await reader.read('absent')).toEqual({ kind: 'absent' });
    expect(await reader.read('forbidden')).toMatchObject({ kind: 'failed', error: { code: 'forbidden' } });
    expect(await reader.read('odd')).toMatchObject({ kind: 'failed', error: { code: 'malformed' } });
  });

  it('ends in time', async () => {
    answerRead = () => undefined;
    const impatient = createNamespaceReader({ client, readTimeoutMs: 50 });
    expect(await impatient.read('payments')).toMatchObject({ kind: 'failed', error: { code: 'timeout' } });
    await impatient.stop();
  });

  it.each(['', '..', '../secrets', 'a/b', 'A', 'a?b', 'a'.repeat(64)])(
    'of %j sends no request',
    async (name) => {
      expect(await reader.read(name)).toEqual({ kind: 'absent' });
      expect(reads).toEqual([]);
    },
  );
});
