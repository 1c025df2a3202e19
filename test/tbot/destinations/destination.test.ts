import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { configText } from '../config/config-text.ts';
import { readConfig } from '../config/config.ts';
import { Fault } from '../fault.ts';
import { initDestinations, outputsOf, writeCredential } from '../run/renew.ts';
import type { Api } from './api.ts';

interface Call {
  readonly method: string;
  readonly path: string;
  /** Of a PATCH. */
  readonly body: { readonly data?: Record<string, string>; readonly [field: string]: unknown };
}

/** One Secret of any name, and what is asked of it. */
function stub(
  secret: object | undefined,
  refuses?: (call: Call) => string | undefined,
): { api: Api; calls: Call[] } {
  const calls: Call[] = [];
  let kept = secret as { data?: object } | undefined;
  const api: Api = (method, path, body) => {
    const call = { method, path, body: (body ?? {}) as Call['body'] };
    calls.push(call);
    const message = refuses?.(call);
    if (message !== undefined) return Promise.resolve({ status: 403, body: { message } });
    if (method === 'GET')
      return Promise.resolve({ status: kept ? 200 : 404, body: kept ?? { message: 'gone' } });
    if (!path.includes('dryRun')) kept = { ...kept, data: call.body.data ?? {} };
    return Promise.resolve({ status: 200, body: {} });
  };
  return { api, calls };
}

const SECRET = { metadata: { resourceVersion: '7' }, type: 'Opaque', data: { foreign: 'eA==' } };
const outputs = (services: readonly string[], api: Api, namespace?: string) =>
  outputsOf(readConfig(configText(services)).services, { api: () => api, namespace });
const JWT = 'type: workload-identity-jwt, selector: {name: x}, audiences: [a]';

describe('a Secret', () => {
  it('is proved by a dry run of an apply, as it is', async () => {
    const { api, calls } = stub(SECRET);
    expect(await initDestinations(outputs([], api))).toBeUndefined();
    expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /api/v1/namespaces/team/secrets/tbot-x',
      'PATCH /api/v1/namespaces/team/secrets/tbot-x?fieldManager=tbot&dryRun=All',
    ]);
    expect(calls[1]?.body).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'tbot-x', namespace: 'team', resourceVersion: '7' },
      type: 'Opaque',
      data: { foreign: 'eA==' },
    });
  });

  it('is written key by key, each time with all that is there', async () => {
    const { api, calls } = stub(SECRET);
    const [output] = outputs([], api);
    if (output === undefined) throw new Error('no output');
    await writeCredential(output, 3);
    const written = calls
      .filter(({ method }) => method === 'PATCH')
      .map(({ body }) => Object.keys(body.data ?? {}));
    expect(written.map((keys) => keys.at(-1))).toEqual(output.service.keys);
    expect(written.map((keys) => keys.length)).toEqual(output.service.keys.map((_, index) => index + 2));
    expect(calls.map(({ method }) => method).join()).toMatch(/^(GET,PATCH,?)+$/);
    const { data = {} } = calls.at(-1)?.body ?? {};
    expect([data['foreign'], data['.write-test'], atob(data['identity'] ?? '')]).toEqual([
      'eA==',
      '',
      'identity 3',
    ]);
  });

  it('that is gone is created again', async () => {
    const { api, calls } = stub(undefined);
    const [output] = outputs([], api);
    await output?.destination.write('key', 'x');
    expect(calls[1]?.body).toMatchObject({ metadata: { name: 'tbot-x', namespace: 'team' }, type: 'Opaque' });
    expect(calls[1]?.body['metadata']).not.toHaveProperty('resourceVersion');
  });

  it('of another type keeps it, and labels are applied where they are given', async () => {
    const { api, calls } = stub({ ...SECRET, type: 'example.com/x' });
    const service = `{${JWT}, destination: {type: kubernetes_secret, name: y, labels: {a: b}}}`;
    await outputs([service], api, 'own')[1]?.destination.write('jwt_svid', 'x');
    expect(calls[1]?.path).toMatch(/^\/api\/v1\/namespaces\/own\/secrets\/y\?/);
    expect(calls[1]?.body).toMatchObject({ type: 'example.com/x', metadata: { labels: { a: 'b' } } });
  });

  it('ends a renewal at the first key that cannot be written, in the words of the API server', async () => {
    const conflict = 'Apply failed with 1 conflict: conflict with "kubectl-edit": .data.key';
    const { api, calls } = stub(SECRET, ({ body }) =>
      body.data?.['key'] === undefined ? undefined : conflict,
    );
    const [output] = outputs([], api);
    if (output === undefined) throw new Error('no output');
    await expect(writeCredential(output, 1)).rejects.toThrow(new Fault(conflict));
    expect(calls).toHaveLength(4);
  });
});

describe('a start', () => {
  it('ends at the first destination that fails, and asks nothing of the others', async () => {
    const services = ['one', 'two', 'three'].map(
      (name) =>
        `{${JWT}, name: ${name}, destination: {type: kubernetes_secret, name: s, namespace: ${name}}}`,
    );
    const forbidden = 'secrets "s" is forbidden: User "x" cannot get resource "secrets"';
    const { api, calls } = stub(SECRET, ({ path }) => (path.includes('/two/') ? forbidden : undefined));
    const failed = await initDestinations(outputs(services, api));
    expect(failed?.service).toBe('two');
    expect(String(failed?.error)).toContain(forbidden);
    expect(calls.map(({ path }) => path.split('/')[4])).toEqual(['team', 'team', 'one', 'one', 'two']);
  });

  it.each([
    [
      'no namespace',
      `{${JWT}, destination: {type: kubernetes_secret, name: y}}`,
      'unable to detect namespace from POD_NAMESPACE',
    ],
    [
      'a folder for CockroachDB',
      '{type: database, service: x, format: cockroach, destination: {type: kubernetes_secret, name: y, namespace: z}}',
      'kubernetes_secret destination does not support subdirectories',
    ],
  ])('ends for %s in a Secret', async (_, service, sentence) => {
    const failed = await initDestinations(outputs([service], stub(SECRET).api));
    expect(String(failed?.error)).toContain(sentence);
  });
});

describe('a directory', () => {
  const folders: string[] = [];

  afterAll(async () => {
    for (const folder of folders) await rm(folder, { recursive: true });
  });

  it('is made, and has files of its own', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tbot-'));
    folders.push(folder);
    const path = join(folder, 'a/b');
    const [, output] = outputs([`{${JWT}, destination: {type: directory, path: ${path}}}`], stub(SECRET).api);
    if (output === undefined) throw new Error('no output');
    await output.destination.init();
    await writeCredential(output, 1);
    expect(await readFile(join(path, 'jwt_svid'), 'utf8')).toBe('jwt_svid 1');
    expect((await stat(join(path, 'jwt_svid'))).mode & 0o777).toBe(0o600);
  });
});
