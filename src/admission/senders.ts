import type { IncomingMessage } from 'node:http';

/** Each holds at most the free part of its body, so this many hold 32 MiB. */
const MOST_SENDERS = 500;

/**
 * Requests whose bodies are still coming. An honest body comes within milliseconds, so where there are too many,
 * the oldest is the one to cut: slow senders cannot keep the API server out.
 */
export class Senders {
  readonly #sending = new Set<IncomingMessage>();

  enter(request: IncomingMessage): void {
    this.#sending.add(request);
    if (this.#sending.size <= MOST_SENDERS) return;
    const [oldest] = this.#sending;
    oldest?.destroy();
  }

  leave(request: IncomingMessage): void {
    this.#sending.delete(request);
  }
}
