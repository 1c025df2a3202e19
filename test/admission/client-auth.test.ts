import { request as send } from 'node:https';
import type { Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAdmissionServer, listen } from '../../src/admission/server.ts';
import { issueCa, issueServing } from '../../src/certificates/issue.ts';
import type { KeyPair } from '../../src/certificates/key-pair.ts';
import { createAuthority, createLeaf } from '../cluster/harness/credentials.ts';
import { pod, review, testRoute } from './fixture.ts';

const NAME = 'system:apiserver';

describe('a webhook that only the API server may call', () => {
  let server: Server;
  let port: number;
  let ca: KeyPair;
  let api: KeyPair;
  let other: KeyPair;
  let stranger: KeyPair;

  beforeAll(async () => {
    const now = new Date();
    ca = await issueCa({ commonName: 'serving', now });
    const pair = await issueServing({ ca, names: ['localhost'], now });
    const authority = await createAuthority('clients');
    api = await createLeaf(authority, { commonName: NAME });
    other = await createLeaf(authority, { commonName: 'other-client' });
    stranger = await createLeaf(await createAuthority('clients'), { commonName: NAME });
    const clients = { ca: authority.certificate, names: [NAME] };
    server = createAdmissionServer({ pair, clients }, testRoute({ clients }).listener);
    ({ port } = await listen(server, 0, '127.0.0.1'));
  });

  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  function mutate(client?: KeyPair): Promise<{ status: number | undefined; body: string }> {
    return new Promise((resolve, reject) => {
      const credentials = client === undefined ? {} : { cert: client.certificate, key: client.key };
      const options = {
        port,
        host: 'localhost',
        path: '/mutate',
        method: 'POST',
        ca: ca.certificate,
        agent: false,
        ...credentials,
      };
      const sent = send({ ...options, headers: { 'Content-Type': 'application/json' } }, (answer) => {
        void text(answer).then((body) => {
          resolve({ status: answer.statusCode, body });
        });
      });
      sent.on('error', reject);
      sent.end(JSON.stringify(review(pod())));
    });
  }

  it('accepts the certificate of the API server', async () => {
    expect(await mutate(api)).toMatchObject({ status: 200 });
  });

  it.each([
    ['no certificate', () => undefined, 'found no client certificate;'],
    ['one for another name', () => other, 'found a client certificate for other-client;'],
    ['one of another CA', () => stranger, 'found a client certificate of another CA;'],
  ])('refuses %s, with the reason', async (_name, client, message) => {
    const { status, body } = await mutate(client());
    expect(status).toBe(403);
    expect(body).toContain(message);
  });
});
