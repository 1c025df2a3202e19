const WINDOW_MS = 60_000;
const PAUSE_MS = 15_000;

/**
 * Keeps a quarrel with somebody who undoes what we write from becoming a storm: a burst is fine, but after so many writes
 * in a minute the next one waits. Times are milliseconds of one monotonic clock.
 */
export class RateLimiter {
  readonly #most: number;
  #writes: readonly number[] = [];

  constructor(mostWrites: number) {
    this.#most = mostWrites;
  }

  wrote(now: number): void {
    this.#writes = [...this.#recent(now), now];
  }

  /** How long to wait before writing again. */
  pauseMs(now: number): number {
    return this.#recent(now).length < this.#most ? 0 : PAUSE_MS;
  }

  #recent(now: number): readonly number[] {
    return this.#writes.filter((at) => now - at < WINDOW_MS);
  }
}
