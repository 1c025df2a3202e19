import request from 'supertest';
import { describe, expect, it } from 'vitest';
import type { NamespaceRead, NamespaceSource } from '../../src/admission/settings.ts';
import { OPTED_IN, patchOf, pod, review, testRoute } from './fixture.ts';

const mutate = (object: unknown, more: Record<string, unknown> = {}, options = {}) =>
  request(testRoute(options).listener).post('/mutate?timeout=5s').send(review(object, more));

describe('POST /mutate', () => {
  it('injects a pod that asks, with audit annotations', async () => {
    const answer = await mutate(pod());
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: {
        uid: 'u-1',
        allowed: true,
        patchType: 'JSONPatch',
        auditAnnotations: { outcome: 'injected', outputs: 'identity-output' },
      },
    });
    expect(patchOf(answer.body).map(({ path }) => path)).toEqual([
      '/spec/volumes',
      '/spec/containers/0/env',
      '/spec/containers/0/volumeMounts',
      '/metadata/annotations/tbot-injector.io~1injected',
    ]);
  });

  it('leaves alone a pod that does not ask', async () => {
    const answer = await mutate(pod({ other: 'x' }));
    expect(answer.body).toMatchObject({
      response: { allowed: true, auditAnnotations: { outcome: 'unchanged', reason: 'not-asked' } },
    });
    expect(answer.body).not.toHaveProperty('response.patch');
  });

  it('passes warnings on', async () => {
    const object = { ...pod(), spec: { containers: [{ name: 'app' }] } };
    const answer = await mutate(object);
    expect(answer.body).toHaveProperty('response.warnings', [
      expect.stringContaining('set spec.securityContext.fsGroup'),
    ]);
  });

  it('refuses with every problem', async () => {
    const answer = await mutate(pod({ 'tbot-injector.io/outputs': 'x', 'tbot-injector.io/containers': 'y' }));
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      response: {
        uid: 'u-1',
        allowed: false,
        status: {
          code: 422,
          reason: 'Invalid',
          message: expect.stringMatching(/^2 problems:\n {2}- /) as string,
        },
        auditAnnotations: { outcome: 'refused', reason: 'unknown-container' },
      },
    });
  });

  it('prints a single problem in one line', async () => {
    const answer = await mutate(pod({ 'tbot-injector.io/outputs': 'identity-outputs' }));
    expect(answer.body).toHaveProperty(
      'response.status.message',
      'tbot-injector.io/outputs: found "identity-outputs"; expected an output granted to namespace default: identity-output. Fix: write identity-output',
    );
  });

  it('cuts problems that would fill a terminal, and counts the rest', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `no-${index}`).join(',');
    const answer = await mutate(pod({ 'tbot-injector.io/outputs': names }));
    expect(answer.body).toHaveProperty(
      'response.status.message',
      expect.stringMatching(/^40 problems:[^]*\n {2}and 8 more$/),
    );
  });

  it('cuts too many warnings, and counts the rest', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `c${index}`);
    const containers = names.map((name) => ({ name, env: [{ name: 'TELEPORT_PROXY', value: 'mine' }] }));
    const answer = await mutate({ ...pod(), spec: { securityContext: { fsGroup: 1 }, containers } });
    expect(answer.body).toHaveProperty('response.warnings.length', 17);
    expect(answer.body).toHaveProperty('response.warnings.16', 'and 24 more');
  });

  it.each([
    ['subresource', { subResource: 'ephemeralcontainers' }],
    ['not-create', { operation: 'UPDATE' }],
    ['not-create', { operation: 'DELETE', object: null }],
  ])('leaves alone a request that creates no pod: %s', async (reason, more) => {
    const answer = await mutate(pod(), more);
    expect(answer.body).toMatchObject({
      response: { allowed: true, auditAnnotations: { outcome: 'unchanged', reason } },
    });
  });

  it.each([
    ['another resource', pod(), { resource: { group: '', version: 'v1', resource: 'configmaps' } }],
    ['pods of another group', pod(), { resource: { group: 'x.io', version: 'v1', resource: 'pods' } }],
    ['an object that is no Pod', { apiVersion: 'apps/v1', kind: 'Deployment' }, {}],
    ['no object', null, {}],
    ['a pod without a namespace', pod(), { namespace: '' }],
  ])('does not allow what it cannot decide about: %s', async (_name, object, more) => {
    const answer = await mutate(object, more);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      response: {
        uid: 'u-1',
        allowed: false,
        status: {
          code: 400,
          reason: 'BadRequest',
          message: expect.stringContaining('expected a review of pods (v1)') as string,
        },
      },
    });
  });
});

describe('the Namespace of a pod', () => {
  const found = (labels: Record<string, string>): NamespaceRead => ({
    kind: 'found',
    namespace: { name: 'default', labels },
  });
  const absent: NamespaceRead = { kind: 'absent' };
  const unreadable = (reason: string): NamespaceRead => ({ kind: 'unreadable', reason });
  const source = (
    cached: Record<string, string> | undefined,
    live: NamespaceRead,
  ): NamespaceSource & { readonly reads: () => number } => {
    let reads = 0;
    return {
      reads: () => reads,
      cached: (name: string) => (cached === undefined ? undefined : { name, labels: cached }),
      read: () => {
        reads++;
        return Promise.resolve(live);
      },
    };
  };
  const outcomeOf = (body: unknown): unknown =>
    (body as { response: { auditAnnotations: unknown } }).response.auditAnnotations;

  it('is taken from the cache where the pod is injected by it', async () => {
    const namespaces = source(OPTED_IN, unreadable('not asked'));
    expect(outcomeOf((await mutate(pod(), {}, { namespaces })).body)).toMatchObject({ outcome: 'injected' });
    expect(namespaces.reads()).toBe(0);
  });

  it.each([
    ['is not in the cache yet', undefined],
    ['was labelled a moment ago', {}],
  ])('is read live where it %s', async (_name, cached) => {
    const namespaces = source(cached, found(OPTED_IN));
    expect(outcomeOf((await mutate(pod(), {}, { namespaces })).body)).toMatchObject({ outcome: 'injected' });
    expect(namespaces.reads()).toBe(1);
  });

  it('is read live before an output is refused, because its grant may be new', async () => {
    const namespaces = source(OPTED_IN, found({ ...OPTED_IN, team: 'payments' }));
    const asking = pod({ 'tbot-injector.io/outputs': 'payments-db' });
    expect(outcomeOf((await mutate(asking, {}, { namespaces })).body)).toMatchObject({ outcome: 'injected' });
  });

  it('is not read for pods that ask nothing', async () => {
    const namespaces = source(undefined, found(OPTED_IN));
    await mutate(pod({}), {}, { namespaces });
    expect(namespaces.reads()).toBe(0);
  });

  it.each([
    ['does not exist', absent],
    ['has not opted in', found({})],
  ])('that %s has its pods left alone, with a warning', async (_name, live) => {
    const answer = await mutate(pod(), {}, { namespaces: source(undefined, live) });
    expect(answer.body).toMatchObject({
      response: {
        allowed: true,
        warnings: [
          'namespace default has no label tbot-injector.io/injection=enabled: the pod is left as it is',
        ],
      },
    });
  });

  it('that cannot be read has its pods refused with 503, never created uninjected', async () => {
    const answer = await mutate(
      pod(),
      {},
      { namespaces: source(undefined, unreadable('connection refused')) },
    );
    expect(answer.body).toMatchObject({
      response: {
        allowed: false,
        status: {
          code: 503,
          reason: 'ServiceUnavailable',
          message: 'namespace default could not be read: connection refused',
        },
      },
    });
  });
});
