import { CLOCKS, type Clocks } from './clocks.ts';

/** The longest wait that we let a server or a proxy ask of us, in milliseconds. */
const MAX_WAIT_MS = 60_000;

/**
 * The milliseconds that a `Retry-After` header asks to wait, at most a minute; undefined when it says nothing.
 * Both of its forms are read: seconds, which the API server sends, and an HTTP date, which a proxy may.
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  const wait = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1000;
  if (Number.isNaN(wait)) return undefined;
  return Math.min(Math.max(wait, 0), MAX_WAIT_MS);
}

/**
 * What the API server has asked of this client: it throttles the identity, not the single call, so one
 * note for all calls is right. It only keeps the note; who repeats calls (the watch) waits by it.
 */
export class Throttle {
  #until = 0;
  readonly #clocks: Clocks;

  constructor(clocks = CLOCKS) {
    this.#clocks = clocks;
  }

  /** Milliseconds that are still to be waited, 0 when none. */
  waitMs(): number {
    return Math.max(0, this.#until - this.#clocks.monotonic());
  }

  note(status: number, retryAfter: string | undefined): void {
    if (status !== 429 && status !== 503) return;
    const wait = parseRetryAfter(retryAfter, this.#clocks.now());
    // Counted down by the monotonic clock: a wall clock set back by two hours would keep us quiet for two hours.
    if (wait !== undefined) this.#until = this.#clocks.monotonic() + wait;
  }
}
