import { type Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { pod, review } from '../admission/fixture.ts';

export const INJECTED = JSON.stringify(review(pod()));

export interface Answer {
  /** 0: the request failed. */
  readonly status: number;
  readonly body: string;
  readonly retryAfter: string | undefined;
  readonly ms: number;
}

export interface Post {
  readonly url: string;
  readonly ca: string;
  readonly body?: string;
  readonly path?: string;
  /** False: a connection for this request alone. */
  readonly agent: Agent | false;
}

/** Asks as the API server does, and tries once. Never rejects. */
export function post({
  url,
  ca,
  agent,
  body = INJECTED,
  path = '/mutate?timeout=5s',
}: Post): Promise<Answer> {
  const began = performance.now();
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
  return new Promise<Omit<Answer, 'ms'>>((resolve, reject) => {
    const options = { method: 'POST', ca, agent, headers, timeout: 30_000 };
    const sent = request(new URL(path, url), options, (answer) => {
      const [status, retryAfter] = [answer.statusCode ?? 0, answer.headers['retry-after']];
      text(answer).then((received) => {
        resolve({ status, body: received, retryAfter });
      }, reject);
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer in 30 s')));
    sent.on('error', reject);
    sent.end(body);
  })
    .catch((error: unknown) => ({ status: 0, body: String(error), retryAfter: undefined }))
    .then((answer) => ({ ...answer, ms: performance.now() - began }));
}
