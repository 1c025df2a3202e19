import type { IncomingMessage } from 'node:http';
import { fault, type Fault } from './faults.ts';

/** As much as controller-runtime accepts: an object of the API server's limit, twice, and the review around it. */
const MAX_REVIEW_BYTES = 7 * 1024 * 1024;

/** Ordinary reviews are smaller: large ones never keep them out. */
const FREE_BYTES = 64 * 1024;

/** What node keeps for a chunk beside its bytes; a sender may send every byte as a chunk. */
const CHUNK_COST = 1024;

/** The body of an API server arrives within milliseconds. */
const MAX_MS = 10_000;

/** Each holds at most the free part of its body, so this many hold 32 MiB. */
const MAX_SENDERS = 500;

export type ReadBody =
  | {
      readonly kind: 'body';
      readonly bytes: Buffer;
      /** Bytes taken from the budget, to be given back. */
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

  /** @param maxBodyBytes bytes that all bodies may hold together, beside the first 64 KiB of each */
  constructor(maxBodyBytes: number) {
    this.#budget = new BodyBudget(maxBodyBytes);
  }

  /**
   * Reads the whole body of a request. Its bytes are taken from the budget; the caller gives them back. A slow sender is
   * cut off. Where there are too many senders at once, the oldest is cut off, so that slow ones cannot keep the API
   * server out.
   */
  async read(request: IncomingMessage): Promise<ReadBody> {
    this.#senders.add(request);
    if (this.#senders.size > MAX_SENDERS) {
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
 * Bytes of bodies held at the same time, all requests together. Any client may reach the port, and a hundred of the
 * largest reviews would end the process for lack of memory.
 */
class BodyBudget {
  readonly #max: number;
  #used = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Takes bytes where enough are left; the caller gives them back. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.#max) return false;
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
  if (announced > MAX_REVIEW_BYTES) return Promise.resolve(fault('too-large', `${announced} bytes`));
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
      end(fault('too-slow', `a body that is not whole after ${MAX_MS / 1000} s`));
    }, MAX_MS);
    request.on('data', (chunk: Buffer) => {
      // Chunks after an early end are dropped.
      if (ended) return;
      cost += chunk.length + CHUNK_COST;
      const owed = Math.max(0, cost - FREE_BYTES) - taken;
      if (size + chunk.length > MAX_REVIEW_BYTES) {
        end(fault('too-large', `more than ${MAX_REVIEW_BYTES} bytes`));
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
