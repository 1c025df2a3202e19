import { backoffMs, type BackoffLimits } from '../../kubernetes/backoff.ts';
import { CLOCKS } from '../../kubernetes/clocks.ts';
import { isAborted } from '../../kubernetes/error.ts';
import type { Queue, Reconciler } from './reconciler.ts';

/** One key that cannot be reconciled is tried more and more rarely; the others do not wait for it. */
const KEY_BACKOFF: BackoffLimits = { initialMs: 1_000, maxMs: 300_000 };

/** The longest that a timer can wait; a longer one fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface WorkQueueOptions extends Pick<
  Reconciler,
  'reconcile' | 'concurrency' | 'backoff' | 'maxWritesPerMinute'
> {
  /** Ends with the leadership; it is handed to every reconcile. */
  readonly signal: AbortSignal;
  readonly onError: (key: string, error: unknown, delayMs: number) => void;
  /** Another writer undoes again and again what is written for this key; it is reconciled more slowly for a while. */
  readonly onRateLimited?: (key: string) => void;
  /** Milliseconds for which the API server wants to be left alone. */
  readonly throttledMs?: () => number;
  /** Milliseconds of a clock that never jumps. */
  readonly monotonic?: () => number;
}

interface Timer {
  readonly at: number;
  readonly handle: NodeJS.Timeout;
}

/**
 * Reconciles keys as they become due, each once however often it was added, and never twice at a time. A key that is added
 * while it is reconciled is reconciled once more. One that fails comes again after a back-off of its own.
 */
export class WorkQueue implements Queue {
  readonly #options: WorkQueueOptions;
  readonly #monotonic: () => number;
  readonly #ready = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #timers = new Map<string, Timer>();
  /** Delays that were asked for while their key was being reconciled. */
  readonly #afterRun = new Map<string, number>();
  readonly #failures = new Map<string, number>();
  /** By key, until when its back-off lasts. */
  readonly #backedOffUntil = new Map<string, number>();
  readonly #limiters = new Map<string, RateLimiter>();
  readonly #limited = new Set<string>();
  #isStopped = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#monotonic = options.monotonic ?? CLOCKS.monotonic;
  }

  /** Keys that are due or being reconciled. */
  get size(): number {
    return this.#ready.size + this.#running.size;
  }

  add(key: string): void {
    if (this.#isStopped) return;
    this.#ready.add(key);
    this.#startReady();
  }

  /**
   * Of two times for one key the earlier one counts. While the key is being reconciled the delay begins with the end of that:
   * a key whose reconcile takes long is not reconciled without a pause. No delay shortens a back-off, for the change may be a
   * write of the reconcile that failed; `add` does not wait.
   */
  addAfter(key: string, delayMs: number): void {
    if (!this.#running.has(key)) this.#schedule(key, delayMs);
    else this.#afterRun.set(key, Math.min(delayMs, this.#afterRun.get(key) ?? Infinity));
  }

  #schedule(key: string, delayMs: number): void {
    if (this.#isStopped) return;
    const now = this.#monotonic();
    const at = Math.max(now + delayMs, this.#backedOffUntil.get(key) ?? 0);
    const set = this.#timers.get(key);
    if (set !== undefined && set.at <= at) return;
    clearTimeout(set?.handle);
    const fire = (): void => {
      this.#timers.delete(key);
      this.add(key);
    };
    this.#timers.set(key, { at, handle: setTimeout(fire, Math.min(at - now, MAX_TIMER_MS)) });
  }

  /** Nothing begins any more; resolves when what had begun has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#ready.clear();
    for (const { handle } of this.#timers.values()) clearTimeout(handle);
    await Promise.all(this.#running.values());
  }

  #startReady(): void {
    const { concurrency = 1 } = this.#options;
    for (const key of this.#ready) {
      if (this.#running.size >= concurrency) return;
      if (this.#running.has(key)) continue;
      this.#ready.delete(key);
      clearTimeout(this.#timers.get(key)?.handle);
      this.#timers.delete(key);
      // Not in #run: thousands of limited keys would each call this method again, one within the other.
      if (this.#waitsForLimit(key)) continue;
      this.#backedOffUntil.delete(key);
      // Known as running before its reconcile can add keys.
      const { promise, resolve } = Promise.withResolvers<undefined>();
      this.#running.set(key, promise);
      void this.#run(key).then(() => {
        resolve(undefined);
      });
    }
  }

  async #run(key: string): Promise<void> {
    const { reconcile, signal } = this.#options;
    try {
      const { requeueAfterMs, writes = 0 } = await reconcile(key, signal);
      this.#failures.delete(key);
      this.#noteWrites(key, writes);
      if (requeueAfterMs !== undefined) this.#schedule(key, requeueAfterMs);
      const delayMs = this.#afterRun.get(key);
      if (delayMs !== undefined) this.#schedule(key, delayMs);
    } catch (error) {
      // It may have written before it failed.
      this.#noteWrites(key, 1);
      this.#retry(key, error);
    } finally {
      this.#running.delete(key);
      this.#afterRun.delete(key);
      if (!this.#isStopped) this.#startReady();
    }
  }

  #retry(key: string, error: unknown): void {
    const { onError, backoff = KEY_BACKOFF, throttledMs, signal } = this.#options;
    // What was under way when the leadership ended was given up.
    if (signal.aborted) return;
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const delayMs = Math.max(backoffMs(failures, Math.random(), backoff), throttledMs?.() ?? 0);
    if (!isAborted(error)) onError(key, error, delayMs);
    this.#backedOffUntil.set(key, this.#monotonic() + delayMs);
    this.#schedule(key, delayMs);
  }

  #waitsForLimit(key: string): boolean {
    const pauseMs = this.#limiters.get(key)?.pauseMs(this.#monotonic()) ?? 0;
    if (pauseMs === 0) {
      this.#limited.delete(key);
      return false;
    }
    if (!this.#limited.has(key)) this.#options.onRateLimited?.(key);
    this.#limited.add(key);
    this.#schedule(key, pauseMs);
    return true;
  }

  #noteWrites(key: string, writes: number): void {
    const { maxWritesPerMinute } = this.#options;
    if (maxWritesPerMinute === undefined) return;
    const now = this.#monotonic();
    const limiter = this.#limiters.get(key) ?? new RateLimiter(maxWritesPerMinute);
    if (writes > 0) limiter.wrote(now, writes);
    this.#limiters.delete(key);
    if (!limiter.isIdle(now)) this.#limiters.set(key, limiter);
    // They stand in the order of their last write; a key that is gone does not come again.
    for (const [oldest, other] of this.#limiters) {
      if (!other.isIdle(now)) break;
      this.#limiters.delete(oldest);
    }
  }
}

const WINDOW_MS = 60_000;
const PAUSE_MS = 15_000;

/**
 * Limits what is written against another writer who undoes it: a burst is fine, but after so many writes in a minute the
 * next one waits. Times are milliseconds of one monotonic clock.
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
