import type { IncomingMessage } from 'node:http';
import { fault, type Fault } from './faults.ts';

/** As much as controller-runtime accepts: an object of the API server's limit, twice, and the review around it. */
export const LARGEST_REVIEW = 7 * 1024 * 1024;

/**
 * The whole body of a request, or why there is none; undefined where the client went away. Slow senders are cut
 * off by the server's requestTimeout. Reading it here, not by body-parser, triples the requests a second.
 */
export function readBody(
  request: IncomingMessage,
  largest = LARGEST_REVIEW,
): Promise<Buffer | Fault | undefined> {
  const unfit = mediaFault(request);
  if (unfit !== undefined) return Promise.resolve(unfit);
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > largest) return Promise.resolve(fault('too-large', `${announced} bytes`));
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > largest) resolve(fault('too-large', `more than ${largest} bytes`));
      else chunks.push(chunk);
    });
    request.on('end', () => {
      resolve(Buffer.concat(chunks, size));
    });
    request.on('error', () => {
      resolve(undefined);
    });
    request.on('close', () => {
      resolve(undefined);
    });
  });
}

function mediaFault(request: IncomingMessage): Fault | undefined {
  const type = request.headers['content-type'] ?? 'no content-type';
  if (!/^application\/json(\s*;|$)/i.test(type)) return fault('wrong-media-type', type);
  const encoding = request.headers['content-encoding'] ?? 'identity';
  return encoding === 'identity' ? undefined : fault('wrong-media-type', `content-encoding ${encoding}`);
}
