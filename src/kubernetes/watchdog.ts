import type { Clocks } from './clocks.ts';

/** How often the watchdog looks, at most: it adds to the time after which a dead watch is replaced. */
const CHECK_EVERY_MS = 1_000;

/** Aborts `signal`, with a TimeoutError, when nothing was heard for as long as it was told to be patient. */
export class Watchdog {
  readonly #clocks: Clocks;
  readonly #silence = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #patienceMs: number;
  #heardAt: { readonly now: number; readonly monotonic: number };

  constructor(clocks: Clocks, patienceMs: number) {
    this.#clocks = clocks;
    this.#patienceMs = patienceMs;
    this.#heardAt = this.#read();
    // Not one timer for the whole time, which would stand still while the machine sleeps.
    this.#timer = setInterval(
      () => {
        this.#check();
      },
      Math.min(CHECK_EVERY_MS, patienceMs / 4),
    );
  }

  get signal(): AbortSignal {
    return this.#silence.signal;
  }

  /** Something was heard; from now on `patienceMs` may pass. */
  heard(patienceMs: number): void {
    this.#patienceMs = patienceMs;
    this.#heardAt = this.#read();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    const { now, monotonic } = this.#read();
    // A clock that was set ahead costs one new watch; one that was set back would otherwise blind us for as long.
    const silentMs = Math.max(now - this.#heardAt.now, monotonic - this.#heardAt.monotonic);
    if (silentMs < this.#patienceMs) return;
    this.#silence.abort(new DOMException(`nothing heard for ${silentMs} ms`, 'TimeoutError'));
  }

  #read(): { now: number; monotonic: number } {
    return { now: this.#clocks.now(), monotonic: this.#clocks.monotonic() };
  }
}
