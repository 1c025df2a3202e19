import { CLOCKS, type Clocks } from './clocks.ts';

/** A `Date` header is cut to whole seconds, and is as old as the answer was long under way. */
const TOLERATED_MS = 5_000;

/**
 * What any answer of the API server tells beside its content: that it can be reached, and what time it is there.
 * Its time is the one that counts for certificates: it is the API server that believes or refuses them, and one
 * machine whose clock is wrong must not exchange good ones for such as are valid in its own time only.
 */
export class Contact {
  readonly #clocks: Clocks;
  #usedAt: number | undefined;
  #heard: { readonly at: number; readonly serverTime: number | undefined } | undefined;

  constructor(clocks = CLOCKS) {
    this.#clocks = clocks;
  }

  /** Notes that an answer has come, and its `Date` header. */
  note(date: string | null | undefined): void {
    const time = Date.parse(date ?? '');
    this.#heard = { at: this.#clocks.monotonic(), serverTime: Number.isNaN(time) ? undefined : time };
  }

  /** Notes that an answer was of use: whole, and neither an error of the server nor "who are you". */
  noteUse(): void {
    this.#usedAt = this.#clocks.monotonic();
  }

  /** Milliseconds since the last answer of use; Infinity before the first. */
  get sinceUsefulAnswerMs(): number {
    return this.#usedAt === undefined ? Infinity : this.#clocks.monotonic() - this.#usedAt;
  }

  /** Milliseconds since the last answer of any kind; Infinity before the first. */
  get silentMs(): number {
    return this.#heard === undefined ? Infinity : this.#clocks.monotonic() - this.#heard.at;
  }

  /** How far our clock is ahead of the API server's, in milliseconds; 0 while the two agree within seconds. */
  get aheadMs(): number {
    if (this.#heard?.serverTime === undefined) return 0;
    const ahead = this.#clocks.now() - (this.#heard.serverTime + this.silentMs);
    return Math.abs(ahead) <= TOLERATED_MS ? 0 : ahead;
  }

  /** The time by the clock of the API server, as far as it is known. */
  get serverTime(): Date {
    return new Date(this.#clocks.now() - this.aheadMs);
  }
}
