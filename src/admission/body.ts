import type { IncomingMessage } from 'node:http';
import type { BodyBudget } from './body-budget.ts';
import { fault, type Fault } from './faults.ts';

/** As much as controller-runtime accepts: an object of the API server's limit, twice, and the review around it. */
const LARGEST_REVIEW = 7 * 1024 * 1024;

/** Ordinary reviews are smaller, and never have to wait for the large ones. */
const FREE_BYTES = 64 * 1024;

/** What node keeps for a chunk beside its bytes; a sender may put every byte into a chunk of its own. */
const CHUNK_COST = 1024;

/** An honest body comes within milliseconds. */
const LONGEST_MS = 10_000;

export type ReadBody =
  | {
      readonly kind: 'body';
      readonly bytes: Buffer;
      /** Out of the budget, to be given back. */
      readonly taken: number;
    }
  | Fault
  /** The client went away before its body was whole. */
  | { readonly kind: 'gone' };

/**
 * Reads the whole body of a request; its bytes are taken from the budget and have to be given back. Slow senders
 * are cut off. Without body-parser, whose machinery costs more than a review.
 */
export function readBody(request: IncomingMessage, budget: BodyBudget): Promise<ReadBody> {
  const unfit = mediaFault(request);
  if (unfit !== undefined) return Promise.resolve(unfit);
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > LARGEST_REVIEW) return Promise.resolve(fault('too-large', `${announced} bytes`));
  return collect(request, budget);
}

function collect(request: IncomingMessage, budget: BodyBudget): Promise<ReadBody> {
  return new Promise((resolve) => {
    let chunks: Buffer[] = [];
    let size = 0;
    let cost = 0;
    let taken = 0;
    let ended = false;
    const end = (result: ReadBody): void => {
      if (ended) return;
      ended = true;
      clearTimeout(late);
      chunks = [];
      if (result.kind !== 'body') budget.giveBack(taken);
      resolve(result);
    };
    const late = setTimeout(() => {
      end(fault('too-slow', `a body that is not whole after ${LONGEST_MS / 1000} s`));
    }, LONGEST_MS);
    request.on('data', (chunk: Buffer) => {
      // What still comes after an early end is dropped.
      if (ended) return;
      cost += chunk.length + CHUNK_COST;
      const owed = Math.max(0, cost - FREE_BYTES) - taken;
      if (size + chunk.length > LARGEST_REVIEW) {
        end(fault('too-large', `more than ${LARGEST_REVIEW} bytes`));
      } else if (budget.take(owed)) {
        taken += owed;
        size += chunk.length;
        chunks.push(chunk);
      } else {
        end(fault('too-many', 'reviews that together are too large'));
      }
    });
    request.once('end', () => {
      end({ kind: 'body', bytes: Buffer.concat(chunks, size), taken });
    });
    for (const event of ['error', 'close']) {
      request.once(event, () => {
        end({ kind: 'gone' });
      });
    }
  });
}

function mediaFault(request: IncomingMessage): Fault | undefined {
  const type = request.headers['content-type'] ?? 'no content-type';
  if (!/^application\/json(\s*;|$)/i.test(type)) return fault('wrong-media-type', type);
  const encoding = request.headers['content-encoding'] ?? 'identity';
  return encoding === 'identity' ? undefined : fault('wrong-media-type', `content-encoding ${encoding}`);
}
