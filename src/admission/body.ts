import type { IncomingMessage } from 'node:http';
import { fault, type Fault } from './faults.ts';

/** As much as controller-runtime accepts: an object of the API server's limit, twice, and the review around it. */
const LARGEST_REVIEW = 7 * 1024 * 1024;

/** Ordinary reviews are smaller, and never have to wait for the large ones. */
const FREE_BYTES = 64 * 1024;

/** What node keeps for a chunk beside its bytes; a sender may put every byte into a chunk of its own. */
const CHUNK_COST = 1024;

/** An honest body comes within milliseconds. */
const LONGEST_MS = 10_000;

/** Each holds at most the free part of its body, so this many hold 32 MiB. */
const MOST_SENDERS = 500;

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

/** Reads the bodies of all requests. Without body-parser, whose machinery costs more than a review. */
export class BodyReader {
  readonly #budget: BodyBudget;
  /** Requests whose bodies are still coming, oldest first. */
  readonly #senders = new Set<IncomingMessage>();

  /** @param mostBytes that all bodies may hold together, beside the first 64 KiB of each */
  constructor(mostBytes: number) {
    this.#budget = new BodyBudget(mostBytes);
  }

  /**
   * Reads the whole body of a request; its bytes are taken from the budget and have to be given back. Slow senders
   * are cut off; where there are too many senders, the oldest is: they cannot keep the API server out.
   */
  async read(request: IncomingMessage): Promise<ReadBody> {
    this.#senders.add(request);
    if (this.#senders.size > MOST_SENDERS) {
      const [oldest] = this.#senders;
      oldest?.destroy();
    }
    const body = await readBody(request, this.#budget);
    this.#senders.delete(request);
    return body;
  }

  /** Gives the bytes of a body back to the budget. */
  giveBack({ taken }: { readonly taken: number }): void {
    this.#budget.giveBack(taken);
  }
}

/**
 * Bytes of bodies held at the same time, all requests together. Every client in the cluster can reach the port, and a
 * hundred of the largest reviews would end the process for lack of memory.
 */
class BodyBudget {
  readonly #most: number;
  #used = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Takes bytes where there are enough left; what was taken must be given back. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.#most) return false;
    this.#used += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#used -= bytes;
  }
}

function readBody(request: IncomingMessage, budget: BodyBudget): Promise<ReadBody> {
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
