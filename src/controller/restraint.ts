const WINDOW_MS = 60_000;
const MOST_WRITES = 60;
const PAUSE_MS = 15_000;

/**
 * Keeps a quarrel with somebody who undoes what we write from becoming a storm: a burst is fine, but after sixty writes
 * in a minute the next one waits. Times are milliseconds of one monotonic clock.
 */
export class Restraint {
  #writes: readonly number[] = [];

  wrote(now: number): void {
    this.#writes = [...this.#recent(now), now];
  }

  /** How long to wait before writing again. */
  pauseMs(now: number): number {
    return this.#recent(now).length < MOST_WRITES ? 0 : PAUSE_MS;
  }

  #recent(now: number): readonly number[] {
    return this.#writes.filter((at) => now - at < WINDOW_MS);
  }
}
