import type { WatchEnd } from './watch-end.ts';

export type WatchChange<T> =
  /** All there is now: after the first LIST, and whenever events may have been missed or a handler has failed. */
  | { readonly kind: 'replaced'; readonly items: readonly T[] }
  | { readonly kind: 'set'; readonly item: T }
  | { readonly kind: 'deleted'; readonly item: T };

/** What there is to tell about a watch; the shell logs and counts it. */
export type WatchReport =
  | { readonly kind: 'listed'; readonly count: number }
  | {
      readonly kind: 'restarting';
      readonly end: WatchEnd;
      readonly delayMs: number;
      readonly failures: number;
    }
  /** An object, or an event, that is not what this path promises; it was passed over. */
  | { readonly kind: 'malformed' }
  | { readonly kind: 'handler-failed'; readonly error: unknown };

/** Hands changes and reports to their handlers in such a way that no handler can hurt the watch. */
export class WatchHandlers<T> {
  readonly #onChange: (change: WatchChange<T>) => unknown;
  readonly #onReport: ((report: WatchReport) => void) | undefined;
  #hasFailed = false;

  constructor(onChange: (change: WatchChange<T>) => unknown, onReport?: (report: WatchReport) => void) {
    this.#onChange = onChange;
    this.#onReport = onReport;
  }

  /** Whether a handler has failed since this was last asked, and so lacks a change. */
  takeFailed(): boolean {
    const failed = this.#hasFailed;
    this.#hasFailed = false;
    return failed;
  }

  change(change: WatchChange<T>): void {
    const failed = (error: unknown): void => {
      this.#hasFailed = true;
      this.report({ kind: 'handler-failed', error });
    };
    try {
      Promise.resolve(this.#onChange(change)).catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  report(report: WatchReport): void {
    try {
      this.#onReport?.(report);
    } catch {
      // Telling is the last thing we can do; when that fails the watch still has to go on.
    }
  }
}
