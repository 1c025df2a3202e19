import { Agent, request as send } from 'node:https';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fixedNamespaces } from '../../src/admission/settings.ts';
import { startWebhook, type RunningWebhook } from '../../src/admission/webhook.ts';
import { issueCa, issueServing } from '../../src/certificates/issue.ts';
import type { KeyPair } from '../../src/certificates/key-pair.ts';
import { OPTED_IN, pod, review, testConfig } from './fixture.ts';

let ca: KeyPair;
let first: KeyPair;
let second: KeyPair;

beforeAll(async () => {
  const now = new Date();
  ca = await issueCa({ commonName: 'test', now });
  first = await issueServing({ ca, names: ['localhost', 'first.example'], now });
  second = await issueServing({ ca, names: ['localhost', 'second.example'], now });
});

describe('the webhook', () => {
  let dir: string;
  let webhook: RunningWebhook;
  let faults: string[];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'webhook-'));
    faults = [];
    webhook = await startWebhook({
      config: testConfig(),
      namespaces: fixedNamespaces(OPTED_IN),
      files: { certificate: join(dir, 'tls.crt'), key: join(dir, 'tls.key') },
      observer: {
        started: () => undefined,
        finished: () => undefined,
        certificate: () => undefined,
        certificateFault: ({ code }) => faults.push(code),
      },
      health: { checks: {}, metrics: () => Promise.resolve({ contentType: 'text/plain', body: '' }) },
      host: '127.0.0.1',
      port: 0,
      healthPort: 0,
      maxInFlight: 10,
      maxBodyBytes: 1 << 26,
      clients: undefined,
      drain: { quietMs: 0, maxMs: 0 },
    });
  });

  afterEach(async () => {
    await webhook.stop();
    await rm(dir, { recursive: true });
  });

  async function write(pair: KeyPair): Promise<void> {
    await writeFile(join(dir, 'tls.crt'), pair.certificate);
    await writeFile(join(dir, 'tls.key'), pair.key);
  }

  const readiness = async (): Promise<unknown> =>
    (await fetch(`http://127.0.0.1:${webhook.healthPort}/readyz`)).json();

  /** The subjectAltName that a review's connection was served with. */
  async function servedNames(agent: Agent): Promise<string> {
    const port = await webhook.listening;
    return new Promise((resolve, reject) => {
      const options = { port, host: 'localhost', path: '/mutate', method: 'POST', ca: ca.certificate, agent };
      const sent = send({ ...options, headers: { 'Content-Type': 'application/json' } }, (answer) => {
        // A closed connection has no certificate any more: it is read before the answer's end.
        const names = (sent.socket as TLSSocket | null)?.getPeerCertificate().subjectaltname ?? '';
        answer.resume();
        answer.on('end', () => {
          resolve(answer.statusCode === 200 ? names : '');
        });
      });
      sent.on('error', reject);
      sent.end(JSON.stringify(review(pod())));
    });
  }

  it('answers probes before there is a certificate, and is ready as soon as there is one', async () => {
    expect(await readiness()).toEqual({
      status: 'not ready',
      checks: { serving: false, certificate: false },
    });
    await write(first);
    expect(await servedNames(new Agent())).toContain('first.example');
    expect(await readiness()).toEqual({ status: 'ready', checks: { serving: true, certificate: true } });
  });

  it('takes a new certificate over without closing a connection', async () => {
    await write(first);
    const kept = new Agent({ keepAlive: true, maxSockets: 1 });
    expect(await servedNames(kept)).toContain('first.example');
    await write(second);
    await eventually(async () => (await servedNames(new Agent())).includes('second.example'));
    expect(await servedNames(kept)).toContain('first.example');
    kept.destroy();
  });

  it('keeps the last good certificate where the next does not fit, and stays ready', async () => {
    await write(first);
    expect(await servedNames(new Agent())).toContain('first.example');
    await writeFile(join(dir, 'tls.key'), second.key);
    await eventually(() => faults.includes('key-mismatch'));
    expect(await servedNames(new Agent())).toContain('first.example');
    expect(await readiness()).toMatchObject({ status: 'ready' });
  });

  it('ends where no certificate ever came', async () => {
    await webhook.stop();
    expect(await webhook.listening).toBeUndefined();
  });
});

async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it did not come to hold in 5 s');
}
