import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { issueCa } from '../../src/certificates/issue.ts';
import { loadClient, type KubernetesClient } from '../../src/kubernetes/client.ts';
import { FakeApiServer, json } from './fake-api-server.ts';

const opened: (FakeApiServer | KubernetesClient)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const thing of opened.splice(0)) await thing.close();
});

type Answer = ConstructorParameters<typeof FakeApiServer>[0];

async function serve(answer: Answer): Promise<{ api: FakeApiServer; client: KubernetesClient }> {
  const api = await new FakeApiServer(answer).listen();
  const client = loadClient({ kubeconfig: await api.kubeconfig() });
  opened.push(client, api);
  return { api, client };
}

describe('an answer', () => {
  it.each([
    [200, '{}', true],
    [404, 'not found', true],
    [200, '<html>', false],
    [401, '{}', false],
    [403, '{}', false],
    [500, '{}', false],
  ])('of %d with %s is of use: %s', async (status, body, isOfUse) => {
    const { client } = await serve((_, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
    await client.getJson('/x').catch(() => undefined);
    expect(client.contact.sinceUsefulAnswerMs < Infinity).toBe(isOfUse);
    expect(client.contact.silentMs).toBeLessThan(Infinity);
  });
});

describe('a GET', () => {
  it('gives the body, and sends token and query', async () => {
    const { api, client } = await serve((_, response) => {
      json(response, 200, { a: 1 });
    });
    const answer = await client.getJson('/api/v1/things', { query: { limit: '5' } });
    expect(answer).toEqual({ kind: 'ok', body: { a: 1 } });
    expect(api.requests[0]?.path).toBe('/api/v1/things');
    expect(api.requests[0]?.query.get('limit')).toBe('5');
    expect(api.requests[0]?.headers.authorization).toBe('Bearer a-token');
  });

  it('keeps the path of a server that has one', async () => {
    const { api } = await serve((_, response) => {
      json(response, 200, {});
    });
    const port = /:(\d+)/.exec(await readFile(await api.kubeconfig(), 'utf8'))?.[1] ?? '';
    const kubeconfig = await api.kubeconfig({ server: `https://127.0.0.1:${port}/k8s/clusters/c-1/` });
    const client = loadClient({ kubeconfig });
    opened.unshift(client);
    await client.getJson('/api/v1/things');
    expect(api.requests[0]?.path).toBe('/k8s/clusters/c-1/api/v1/things');
  });

  it('returns 404 as an answer', async () => {
    const { client } = await serve((_, response) => {
      json(response, 404, { kind: 'Status' });
    });
    expect(await client.getJson('/api/v1/nothing')).toEqual({ kind: 'not-found' });
  });

  it('throws a refusal with the words of the API server', async () => {
    const { client } = await serve((_, response) => {
      json(response, 403, { kind: 'Status', message: 'namespaces is forbidden' });
    });
    await expect(client.getJson('/api/v1/namespaces')).rejects.toMatchObject({
      code: 'forbidden',
      status: 403,
      message: 'GET /api/v1/namespaces: 403, namespaces is forbidden',
    });
  });

  it('keeps the time that it was asked to wait', async () => {
    const { client } = await serve((_, response) => {
      json(response, 429, {}, { 'retry-after': '7' });
    });
    await expect(client.getJson('/api')).rejects.toMatchObject({ code: 'throttled', status: 429 });
    expect(client.throttledMs()).toBeGreaterThan(6_000);
  });

  it('does not follow a redirect, and quotes no answer that is not JSON', async () => {
    const { client } = await serve(({ path }, response) => {
      if (path === '/moved') response.writeHead(302, { location: '/api' }).end();
      else response.end('<html>secret-of-a-user</html>');
    });
    await expect(client.getJson('/moved')).rejects.toMatchObject({ code: 'rejected', status: 302 });
    const error: unknown = await client.getJson('/api').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'malformed', message: 'GET /api: the answer is not JSON' });
    expect(error).not.toHaveProperty('cause');
  });

  it('gives up after its time, and when the caller does', async () => {
    const { client } = await serve(() => undefined);
    await expect(client.getJson('/api', { timeoutMs: 50 })).rejects.toMatchObject({ code: 'timeout' });
    const caller = new AbortController();
    const call = client.getJson('/api', { signal: caller.signal });
    caller.abort(new Error('no longer wanted'));
    await expect(call).rejects.toMatchObject({ code: 'aborted' });
  });

  it('reports why the server could not be reached', async () => {
    const gone = await new FakeApiServer(() => undefined).listen();
    const client = loadClient({ kubeconfig: await gone.kubeconfig() });
    await gone.close();
    await expect(client.getJson('/api')).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/^GET \/api: .*ECONNREFUSED/) as string,
    });
    const { api } = await serve(() => undefined);
    const stranger = await issueCa({ commonName: 'stranger', now: new Date() });
    const distrusting = loadClient({ kubeconfig: await api.kubeconfig({ ca: stranger.certificate }) });
    await expect(distrusting.getJson('/api')).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringMatching(/certificate/) as string,
    });
  });
});

describe('connections', () => {
  it('are shared by a hundred calls, one after another', async () => {
    const { api, client } = await serve((_, response) => {
      json(response, 200, {});
    });
    for (let call = 0; call < 100; call++) await client.getJson('/api');
    expect(api.requests).toHaveLength(100);
    expect(api.connections).toBeLessThanOrEqual(2);
  });

  it('are opened again when the CA changes, while calls under way go on', async () => {
    let release = (): void => undefined;
    const { api, client } = await serve(({ path }, response) => {
      if (path === '/slow')
        release = () => {
          json(response, 200, { slow: true });
        };
      else json(response, 200, {});
    });
    const slow = client.getJson('/slow');
    await client.getJson('/api');
    const before = api.connections;
    const stranger = await issueCa({ commonName: 'stranger', now: new Date() });
    const cluster = client.config.getCurrentCluster();
    Object.assign(cluster ?? {}, { caData: Buffer.from(stranger.certificate).toString('base64') });
    await expect(client.getJson('/api')).rejects.toMatchObject({ code: 'unreachable' });
    release();
    expect(await slow).toEqual({ kind: 'ok', body: { slow: true } });
    expect(before).toBe(2);
  });
});

describe('a PATCH', () => {
  it.each([
    ['apply', 'application/apply-patch+yaml', 'fieldManager=tbot-injector&force=true'],
    ['merge', 'application/merge-patch+json', 'fieldManager=tbot-injector'],
    ['json', 'application/json-patch+json', 'fieldManager=tbot-injector'],
  ] as const)('to %s names its kind and the field manager', async (kind, type, query) => {
    const { api, client } = await serve((_, response) => {
      json(response, 201, { a: 1 });
    });
    const answer = await client.patchJson('/api/v1/thing', { kind, body: { b: 2 } });
    expect(answer).toEqual({ kind: 'ok', body: { a: 1 } });
    const [request] = api.requests;
    expect(request?.method).toBe('PATCH');
    expect(request?.headers['content-type']).toBe(type);
    expect(request?.query.toString()).toBe(query);
    expect(await request?.body).toBe('{"b":2}');
  });

  it('of a changed object is a conflict, and of an absent one is not found', async () => {
    const { client } = await serve(({ path }, response) => {
      json(response, path === '/taken' ? 409 : 404, { message: 'the object has been modified' });
    });
    const patch = { kind: 'merge', body: {} } as const;
    await expect(client.patchJson('/taken', patch)).rejects.toMatchObject({
      code: 'conflict',
      message: 'PATCH /taken: 409, the object has been modified',
    });
    expect(await client.patchJson('/nothing', patch)).toEqual({ kind: 'not-found' });
  });
});

describe('contact', () => {
  it('is noted for every answer, refusals included', async () => {
    const date = new Date(Date.now() + 400 * 86_400_000);
    const { client } = await serve((_, response) => {
      json(response, 403, {}, { date: date.toUTCString() });
    });
    expect(client.contact.silentMs).toBe(Infinity);
    await expect(client.getJson('/api')).rejects.toMatchObject({ code: 'forbidden' });
    expect(client.contact.silentMs).toBeLessThan(60_000);
    expect(client.contact.aheadMs).toBeLessThan(-399 * 86_400_000);
  });
});

describe('a kubeconfig', () => {
  it('comes from KUBECONFIG when none is named', async () => {
    const { api } = await serve((_, response) => {
      json(response, 200, {});
    });
    vi.stubEnv('KUBECONFIG', await api.kubeconfig());
    const client = loadClient();
    opened.unshift(client);
    expect(await client.getJson('/api')).toEqual({ kind: 'ok', body: {} });
  });

  it('that is missing, broken or of no use is named in the error', async () => {
    const missing = { code: 'configuration', message: expect.stringContaining('/nowhere/config') as string };
    expect(() => loadClient({ kubeconfig: '/nowhere/config' })).toThrow(
      expect.objectContaining(missing) as Error,
    );

    const { api } = await serve(() => undefined);
    const file = await api.kubeconfig();
    await writeFile(file, '{"clusters": []}');
    expect(() => loadClient({ kubeconfig: file })).toThrow(/names no current cluster|cannot be used/);
  });

  it('without TLS is refused at once', async () => {
    const { api } = await serve(() => undefined);
    const kubeconfig = await api.kubeconfig({ server: 'http://127.0.0.1:8080' });
    expect(() => loadClient({ kubeconfig })).toThrow(/http:\/\/127\.0\.0\.1:8080 without TLS/);
  });
});
