import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { issueCa, issueServing } from '../../src/certificates/issue.ts';

type Answer = (request: FakeRequest, response: ServerResponse) => void;

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Promise<string>;
}

const now = new Date();
const ca = await issueCa({ commonName: 'fake API server', now });
const serving = await issueServing({ ca, names: ['127.0.0.1'], now });

/** A TLS server on loopback that answers by `answer`, and records its requests. */
export class FakeApiServer {
  readonly requests: FakeRequest[] = [];
  /** TLS connections that were ever opened. */
  connections = 0;
  /** Watches open now, and the most that ever were. */
  openWatches = 0;
  mostWatches = 0;
  readonly #server: https.Server;
  readonly #folders: string[] = [];

  constructor(answer: Answer) {
    this.#server = https.createServer(
      { cert: serving.certificate, key: serving.key },
      (message, response) => {
        const url = new URL(message.url ?? '/', 'https://fake');
        const { method = '', headers } = message;
        const body = text(message);
        const request = { method, path: url.pathname, query: url.searchParams, headers, body };
        this.requests.push(request);
        if (request.query.has('watch')) {
          this.mostWatches = Math.max(this.mostWatches, ++this.openWatches);
          response.on('close', () => this.openWatches--);
        }
        answer(request, response);
      },
    );
    this.#server.on('secureConnection', () => this.connections++);
  }

  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
    for (const folder of this.#folders) await rm(folder, { recursive: true });
  }

  get watches(): readonly FakeRequest[] {
    return this.requests.filter((request) => request.query.has('watch'));
  }

  get lists(): readonly FakeRequest[] {
    return this.requests.filter((request) => !request.query.has('watch'));
  }

  /** Writes a kubeconfig for this server and gives its path. */
  async kubeconfig(overrides: { readonly ca?: string; readonly server?: string } = {}): Promise<string> {
    const { port } = this.#server.address() as AddressInfo;
    const server = overrides.server ?? `https://127.0.0.1:${port}`;
    const authority = Buffer.from(overrides.ca ?? ca.certificate).toString('base64');
    const folder = await mkdtemp(join(tmpdir(), 'tbot-injector-kube-'));
    this.#folders.push(folder);
    const file = join(folder, 'config');
    const content = {
      clusters: [{ name: 'fake', cluster: { server, 'certificate-authority-data': authority } }],
      users: [{ name: 'me', user: { token: 'a-token' } }],
      contexts: [{ name: 'it', context: { cluster: 'fake', user: 'me' } }],
      'current-context': 'it',
    };
    await writeFile(file, JSON.stringify(content));
    return file;
  }
}

export function json(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** A Namespace as the API server writes it, more or less. */
export function namespace(name: string, resourceVersion: number, labels?: Record<string, string>): object {
  const metadata = { name, resourceVersion: String(resourceVersion), ...(labels && { labels }) };
  return { kind: 'Namespace', apiVersion: 'v1', metadata, spec: { finalizers: ['kubernetes'] } };
}

export function listOf(items: readonly object[], resourceVersion: number, next?: string): object {
  const metadata = {
    resourceVersion: String(resourceVersion),
    ...(next !== undefined && { continue: next }),
  };
  return { kind: 'NamespaceList', apiVersion: 'v1', metadata, items };
}

export function sendEvent(response: ServerResponse, type: string, object: object): void {
  response.write(`${JSON.stringify({ type, object })}\n`);
}

/** Waits until `condition` holds, at most 5 s. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`still not so: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
