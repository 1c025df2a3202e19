import { backoffMs, type BackoffLimits } from '../../kubernetes/backoff.ts';

/** One namespace that cannot be served is tried again more and more rarely; the others do not wait for it. */
const LIMITS: BackoffLimits = { firstMs: 1_000, longestMs: 300_000 };

/** The longest that a timer can wait; a longer one fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface WorkQueueOptions {
  /** Never two at a time for one key. What it throws is reported, and the key comes again after a while. */
  readonly work: (key: string) => Promise<void>;
  readonly onFailure: (key: string, error: unknown, delayMs: number) => void;
  readonly concurrency: number;
}

/** Works on keys as they become due. A key that is added while it is worked on is worked on once more. */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #ready = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #failures = new Map<string, number>();
  #isStopped = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Keys that are due or worked on. */
  get size(): number {
    return this.#ready.size + this.#running.size;
  }

  add(key: string): void {
    if (this.#isStopped) return;
    this.#ready.add(key);
    this.#start();
  }

  /** Replaces what was set for the key before. */
  addAfter(key: string, delayMs: number): void {
    if (this.#isStopped) return;
    clearTimeout(this.#timers.get(key));
    const timer = setTimeout(
      () => {
        this.#timers.delete(key);
        this.add(key);
      },
      Math.min(delayMs, LONGEST_TIMER_MS),
    );
    this.#timers.set(key, timer);
  }

  /** Nothing begins any more; resolves when what had begun has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#ready.clear();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.all(this.#running.values());
  }

  #start(): void {
    for (const key of this.#ready) {
      if (this.#running.size >= this.#options.concurrency) return;
      if (this.#running.has(key)) continue;
      this.#ready.delete(key);
      // Known as running before its work can add keys.
      const { promise, resolve } = Promise.withResolvers<undefined>();
      this.#running.set(key, promise);
      void this.#run(key).then(() => {
        resolve(undefined);
      });
    }
  }

  async #run(key: string): Promise<void> {
    try {
      await this.#options.work(key);
      this.#failures.delete(key);
    } catch (error) {
      const failures = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, failures);
      const delayMs = backoffMs(failures, Math.random(), LIMITS);
      this.#options.onFailure(key, error, delayMs);
      this.addAfter(key, delayMs);
    } finally {
      this.#running.delete(key);
      if (!this.#isStopped) this.#start();
    }
  }
}
