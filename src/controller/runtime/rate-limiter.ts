const WINDOW_MS = 60_000;
const PAUSE_MS = 15_000;

/**
 * Keeps a quarrel with another writer, who undoes what we write, from becoming a storm: a burst is fine, but after so many
 * writes in a minute the next one waits. Times are milliseconds of one monotonic clock.
 */
export class RateLimiter {
  readonly #mostWrites: number;
  #writes: readonly number[] = [];

  constructor(maxWrites: number) {
    this.#mostWrites = maxWrites;
  }

  wrote(now: number, count = 1): void {
    this.#writes = [...this.#recent(now), ...Array.from({ length: count }, () => now)];
  }

  /** How long to wait before writing again. */
  pauseMs(now: number): number {
    return this.#recent(now).length < this.#mostWrites ? 0 : PAUSE_MS;
  }

  /** Nothing was written for so long that this limiter may be forgotten. */
  isIdle(now: number): boolean {
    return this.#recent(now).length === 0;
  }

  #recent(now: number): readonly number[] {
    return this.#writes.filter((at) => now - at < WINDOW_MS);
  }
}
