import { request } from 'node:https';
import { text } from 'node:stream/consumers';

export interface Large {
  readonly url: string;
  readonly ca: string;
  readonly bytes: number;
  /** Of each chunk of the body. */
  readonly chunk: number;
}

/** Sends a body of this size in chunks, without its length; returns the status, or 0 where the connection broke. */
export function sendLarge({ url, ca, bytes, chunk }: Large): Promise<number> {
  return new Promise((resolve) => {
    const headers = { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' };
    const sent = request(new URL('/mutate', url), { method: 'POST', ca, agent: false, headers }, (answer) => {
      void text(answer)
        .catch(() => undefined)
        .then(() => {
          resolve(answer.statusCode ?? 0);
          sent.destroy();
        });
    });
    sent.on('error', () => {
      resolve(0);
    });
    // A long string is valid JSON, but no review.
    const content = Buffer.alloc(chunk, 'x');
    sent.write('"');
    let left = bytes - 2;
    const go = (): void => {
      while (left > 0 && !sent.destroyed) {
        left -= chunk;
        if (!sent.write(content)) return void sent.once('drain', go);
      }
      sent.end('"');
    };
    go();
  });
}
