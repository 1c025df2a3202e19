import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';

import type { PemPair } from './credentials.ts';

export interface ApiResponse {
  readonly status: number;
  /** Parsed when the server says that it is JSON, else the text as it came. */
  readonly body: unknown;
  /** The text of every Warning header, as kubectl would show it. */
  readonly warnings: readonly string[];
}

/** One request to the API server over a kept connection. */
export type Api = (
  method: string,
  path: string,
  body?: unknown,
  contentType?: string,
) => Promise<ApiResponse>;

/** Who asks. With neither the API server sees `system:anonymous`. */
export interface Caller {
  readonly client?: PemPair;
  readonly token?: string;
}

const PATIENCE_MS = 30_000;

/** A client of the API server for one caller. `close` ends its kept connections. */
export function connect(url: string, ca: string, caller: Caller = {}): { api: Api; close: () => void } {
  const { client, token } = caller;
  const agent = new Agent({
    keepAlive: true,
    ca,
    ...(client && { cert: client.certificate, key: client.key }),
  });
  const api: Api = (method, path, body, contentType = 'application/json') =>
    new Promise((resolve, reject) => {
      const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
      const headers = {
        // The key set of the OIDC issuer has a media type of its own; a request for JSON alone is refused.
        accept: 'application/json, */*',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(content && { 'content-type': contentType, 'content-length': content.length }),
      };
      const options = { method, agent, headers, timeout: PATIENCE_MS };
      const sent = request(new URL(path, url), options, (response) => {
        read(response).then(resolve, reject);
      });
      sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer in ${PATIENCE_MS} ms`)));
      sent.on('error', reject);
      sent.end(content);
    });
  const close = () => {
    agent.destroy();
  };
  return { api, close };
}

async function read(response: IncomingMessage): Promise<ApiResponse> {
  const content = await text(response);
  const isJson = /[/+]json\b/.test(response.headers['content-type'] ?? '');
  return {
    status: response.statusCode ?? 0,
    body: isJson ? (JSON.parse(content) as unknown) : content,
    warnings: (response.headersDistinct['warning'] ?? []).map(warningText),
  };
}

/** `299 - "text"` is the one form that the API server writes. */
function warningText(header: string): string {
  const quoted = /^299 \S+ "(.*)"$/.exec(header)?.[1];
  return quoted?.replace(/\\(.)/g, '$1') ?? header;
}
