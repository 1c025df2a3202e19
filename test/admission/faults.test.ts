import fc from 'fast-check';
import { createServer, request as send } from 'node:http';
import { connect } from 'node:net';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../../src/admission/server.ts';
import { pod, review, testRoute } from './fixture.ts';

const post = (body: string | Buffer, type = 'application/json') =>
  request(testRoute().listener).post('/mutate').set('Content-Type', type).send(body);

describe('a request that is no AdmissionReview', () => {
  it.each([
    ['not JSON', '{"a":', 400, 'found 5 bytes; expected a JSON body'],
    ['nothing', '', 400, 'found 0 bytes; expected a JSON body'],
    ['a list', '[]', 400, 'found []; expected an AdmissionReview'],
    ['null', 'null', 400, 'found null; expected an AdmissionReview'],
    ['another kind', '{"kind":"Pod"}', 400, 'found kind "Pod"; expected an AdmissionReview'],
    [
      'another version',
      '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1"}',
      400,
      'found "admission.k8s.io/v1beta1"; expected apiVersion admission.k8s.io/v1',
    ],
    ['no request', JSON.stringify({ ...review(pod()), request: undefined }), 400, 'found no request;'],
    ['no uid', JSON.stringify(review(pod(), { uid: '' })), 400, 'found no request.uid;'],
    ['no resource', JSON.stringify(review(pod(), { resource: 'pods' })), 400, 'found no request.resource;'],
  ])('is answered as a fault, as a Kubernetes Status: %s', async (_name, body, status, message) => {
    const answer = await post(body);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({
      kind: 'Status',
      status: 'Failure',
      code: status,
      message: expect.stringContaining(message) as string,
    });
  });

  it.each([
    ['text/plain', {}],
    ['application/json', { 'Content-Encoding': 'gzip' }],
    ['application/jsonx', {}],
  ])('is refused for its media type: %s %o', async (type, headers) => {
    const answer = await request(testRoute().listener)
      .post('/mutate')
      .set({ 'Content-Type': type, ...headers })
      .send(Buffer.from('{}'));
    expect(answer.status).toBe(415);
  });

  it('is refused by another method, naming the right one', async () => {
    const answer = await request(testRoute().listener).get('/mutate');
    expect([answer.status, answer.headers['allow']]).toEqual([405, 'POST']);
  });

  it('is not found at another path', async () => {
    const answer = await request(testRoute().listener).post('/mutate/x').send({});
    expect(answer.status).toBe(404);
    expect(answer.body).toHaveProperty(
      'message',
      'tbot-injector: found POST /mutate/x; expected POST /mutate or POST /check',
    );
    expect(answer.headers).not.toHaveProperty('x-powered-by');
  });

  it('is answered 500 if the program itself fails, and only the observer gets the reason', async () => {
    const { listener, records } = testRoute({
      decide: () => Promise.resolve({ kind: 'unforeseen' } as never),
    });
    const answer = await request(listener).post('/mutate').send(review(pod()));
    expect(answer.status).toBe(500);
    expect(answer.body).toHaveProperty(
      'message',
      'tbot-injector: found an unforeseen error; expected no error in the webhook; its log names this one',
    );
    expect(records).toMatchObject([
      { outcome: 'fault', reason: 'internal', error: expect.any(Error) as Error },
    ]);
  });

  it('is finished when its sender goes away', async () => {
    const { listener, records, open } = testRoute();
    const server = createServer(listener);
    const { port } = await listen(server, 0, '127.0.0.1');
    const sent = send({
      port,
      host: '127.0.0.1',
      path: '/mutate',
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Content-Length': 100 },
    });
    sent.on('error', () => undefined);
    sent.write('{');
    await eventually(() => open() === 1);
    sent.destroy();
    await eventually(() => open() === 0);
    expect(records).toMatchObject([{ outcome: 'fault', reason: 'client-gone' }]);
    server.close();
  });
});

/** Bounded: a condition that does not come is a failure, not a hang. */
async function eventually(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(holds()).toBe(true);
}

const MAX_REVIEW_BYTES = 7 * 1024 * 1024;

describe('a body', () => {
  it('of 7 MiB is read, and of one byte more refused', async () => {
    const start = '{"kind":"';
    const fill = (size: number): string => `${start}${'x'.repeat(size - start.length - 2)}"}`;
    expect((await post(fill(MAX_REVIEW_BYTES))).status).toBe(400);
    const answer = await post(fill(MAX_REVIEW_BYTES + 1));
    expect(answer.status).toBe(413);
    expect(answer.headers['connection']).toBe('close');
  });

  it('that is too large without announcing it is refused when it passes the limit', async () => {
    const { listener, records } = testRoute();
    const server = createServer(listener);
    const { port } = await listen(server, 0, '127.0.0.1');
    const status = await new Promise((resolve, reject) => {
      const sent = send({
        port,
        host: '127.0.0.1',
        path: '/mutate',
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
      });
      sent.on('response', (answer) => {
        resolve(answer.statusCode);
      });
      sent.on('error', reject);
      const chunk = Buffer.alloc(1 << 20, 32);
      for (let i = 0; i < 8; i++) sent.write(chunk);
    });
    server.closeAllConnections();
    server.close();
    expect(status).toBe(413);
    expect(records).toMatchObject([{ outcome: 'fault', reason: 'too-large' }]);
  });
});

describe('overload', () => {
  it.each([
    ['more reviews at once than allowed', { maxInFlight: 1 }, 'found 2 reviews at once;'],
    [
      'more bytes at once than allowed',
      { maxBodyBytes: 300_000 },
      'found reviews that together are too large;',
    ],
  ])('%s get 429 at once, with a time to try again', async (_name, limits, message) => {
    const gate = Promise.withResolvers<undefined>();
    let deciding = 0;
    const decide = async () => {
      deciding++;
      await gate.promise;
      return { kind: 'skip', reason: 'not-asked', warnings: [] } as const;
    };
    const server = createServer(testRoute({ decide, ...limits }).listener);
    await listen(server, 0, '127.0.0.1');
    const body = review({ ...pod(), padding: 'x'.repeat(250_000) });
    const first = request(server)
      .post('/mutate')
      .send(body)
      .then((answer) => answer.status);
    await eventually(() => deciding === 1);
    const second = await request(server).post('/mutate').send(body);
    expect([second.status, second.headers['retry-after']]).toEqual([429, '1']);
    expect(second.body).toHaveProperty('message', expect.stringContaining(message));
    gate.resolve(undefined);
    expect(await first).toBe(200);
    expect((await request(server).post('/mutate').send(body)).status).toBe(200);
    server.close();
  });

  it('by senders that never end their bodies keeps no other review out', async () => {
    const { listener, open } = testRoute({ maxInFlight: 1 });
    const server = createServer(listener);
    const { port } = await listen(server, 0, '127.0.0.1');
    const head =
      'POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{';
    const sockets = Array.from({ length: 520 }, () =>
      connect(port, '127.0.0.1').on('error', () => undefined),
    );
    for (const socket of sockets) socket.write(head);
    await eventually(() => sockets.filter(({ destroyed }) => destroyed).length === 20);
    expect(open()).toBe(500);
    expect((await request(server).post('/mutate').send(review(pod()))).status).toBe(200);
    for (const socket of sockets) socket.destroy();
    await eventually(() => open() === 0);
    server.close();
  });
});

describe('any bytes', () => {
  const { listener, open } = testRoute();
  const server = createServer(listener);
  beforeAll(() => listen(server, 0, '127.0.0.1'));
  afterAll(() => {
    server.close();
  });

  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
    fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value))),
    fc.jsonValue().map((object) => Buffer.from(JSON.stringify(review(object)))),
    fc.jsonValue().map((spec) => Buffer.from(JSON.stringify(review({ ...pod(), spec })))),
    fc
      .record({
        uid: fc.jsonValue(),
        resource: fc.jsonValue(),
        namespace: fc.jsonValue(),
        operation: fc.jsonValue(),
        subResource: fc.jsonValue(),
      })
      .map((fields) => Buffer.from(JSON.stringify(review(pod(), fields)))),
  );

  it('get an answer of the table, and leave nothing open', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, fc.constantFrom('/mutate', '/check'), async (body, path) => {
        const answer = await request(server).post(path).set('Content-Type', 'application/json').send(body);
        expect([200, 400]).toContain(answer.status);
        if (answer.status === 200)
          expect(typeof (answer.body as { response: { allowed: unknown } }).response.allowed).toBe('boolean');
        else expect(answer.body).toMatchObject({ kind: 'Status', status: 'Failure' });
      }),
      { numRuns: 1000 },
    );
    expect(open()).toBe(0);
  });

  it('nested deeper than any stack get one as well', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const body = JSON.stringify(review({ ...pod(), spec: 'X' })).replace(
      '"X"',
      `{"volumes":[{"name":"tbot-output-identity-output","x":${deep}}],"containers":[{"name":"app"}]}`,
    );
    const answer = await request(server).post('/mutate').set('Content-Type', 'application/json').send(body);
    expect(answer.body).toMatchObject({ response: { allowed: false, status: { code: 422 } } });
  });
});
