import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from './backoff.ts';
import { ListWatch } from './list-watch.ts';
import { WatchHandlers } from './watch-handlers.ts';
import { afterWatch } from './watch-end.ts';
import { TIMING, type ReflectorOptions, type WatchTiming } from './list-watch.ts';

/**
 * LISTs a collection and watches it until `stop`, whatever the network and the server do: one loop, so that there
 * is one watch at a time.
 */
export class Reflector<T> {
  readonly #options: ReflectorOptions<T>;
  readonly #timing: WatchTiming;
  readonly #handlers: WatchHandlers<T>;
  readonly #listWatch: ListWatch<T>;
  readonly #stopping = new AbortController();
  readonly #firstList = Promise.withResolvers<boolean>();
  readonly #loop: Promise<void>;
  #synced = false;
  #restarts = 0;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#timing = { ...TIMING, ...options.timing };
    this.#handlers = new WatchHandlers(options.onChange, options.onReport);
    this.#listWatch = new ListWatch({
      ...options,
      timing: this.#timing,
      handlers: this.#handlers,
      stopping: this.#stopping.signal,
      onListed: () => {
        this.#synced = true;
        this.#firstList.resolve(true);
      },
    });
    this.#loop = this.#run();
  }

  /** Whether the first LIST has been delivered. */
  get synced(): boolean {
    return this.#synced;
  }

  /** True with the first LIST, false when `stop` came first. Never rejects. */
  get whenSynced(): Promise<boolean> {
    return this.#firstList.promise;
  }

  /** When the API server last gave a page, an open watch, an event or a bookmark; milliseconds since the epoch. */
  get lastContact(): number | undefined {
    return this.#listWatch.lastContact;
  }

  /** How often LIST or watch began again after trouble; the server's orderly end of a watch is none. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Ends the watch; when the promise resolves nothing is delivered any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#isStopping()) {
      const end = await this.#listWatch.next();
      if (this.#isStopping()) break;
      const next = afterWatch(end, this.#listWatch.livedMs, failures);
      failures = next.failures;
      // A handler that lacks a change gets everything again. It waits for the end of this watch: one object at which a
      // handler fails again and again costs a LIST now and then, and delays no change of the others.
      if (this.#handlers.takeFailed() || next.relist) this.#listWatch.relist();
      const wait = backoffMs(failures, this.#timing.random(), this.#timing.backoff);
      const delayMs = Math.max(wait, this.#options.client.throttledMs());
      if (failures > 0 || end.kind !== 'ended') {
        this.#restarts++;
        this.#handlers.report({ kind: 'restarting', end, delayMs, failures });
      }
      if (delayMs > 0) await this.#pause(delayMs);
    }
    this.#firstList.resolve(this.#synced);
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Ends early, and in peace, when the watch is stopped. */
  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}
