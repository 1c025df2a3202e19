import { BACKOFF, type BackoffLimits } from './backoff.ts';
import type { KubernetesClient } from './client.ts';
import { CLOCKS, type Clocks } from './clocks.ts';
import { fromThrown } from './error.ts';
import { listPages, resourceVersionOf, type Collection, type Selection } from './list.ts';
import type { WatchEnd } from './watch-end.ts';
import type { WatchChange, WatchHandlers, WatchReport } from './watch-handlers.ts';
import { openWatchStream } from './watch-stream.ts';
import { Watchdog } from './watchdog.ts';

export interface ReflectorOptions<T> {
  readonly client: KubernetesClient;
  /** The collection, as `/api/v1/namespaces`. */
  readonly path: string;
  /** Narrows the collection, as `{fieldSelector: 'metadata.name=x'}`; default: all of it. */
  readonly query?: Selection | undefined;
  /** How the objects come; `whole` by default. */
  readonly extent?: Collection['extent'];
  /** What is kept of an object, or undefined where it is malformed. */
  readonly read: (object: unknown) => T | undefined;
  /** May throw or reject: that is reported, and the watch goes on. */
  readonly onChange: (change: WatchChange<T>) => unknown;
  readonly onReport?: ((report: WatchReport) => void) | undefined;
  readonly timing?: Partial<WatchTiming> | undefined;
}

export interface WatchTiming extends Clocks {
  /** 0 to 1. */
  readonly random: () => number;
  readonly backoff: BackoffLimits;
  /** A watch that the server has not accepted after so many milliseconds is given up. */
  readonly answerWithinMs: number;
  /** So is an accepted one that has heard nothing for so many. */
  readonly silentAfterMs: number;
}

/**
 * The server ends a watch in good order after this time and it is opened again, so that a living watch is never
 * silent for longer, in a cluster where nothing happens too (bookmarks alone come once a minute, or never).
 */
export const LIFETIME_SECONDS = 20;

export const TIMING: WatchTiming = {
  ...CLOCKS,
  random: Math.random,
  backoff: BACKOFF,
  answerWithinMs: 10_000,
  silentAfterMs: LIFETIME_SECONDS * 1000 + 5_000,
};

export interface ListWatchOptions<T> extends Omit<ReflectorOptions<T>, 'timing'> {
  readonly timing: WatchTiming;
  readonly handlers: WatchHandlers<T>;
  readonly stopping: AbortSignal;
  readonly onListed: () => void;
}

/** Follows a collection, one cycle after the other: LIST where it is due, then one watch to its end. */
export class ListWatch<T> {
  readonly #options: ListWatchOptions<T>;
  /** To watch from; undefined while a LIST is due. */
  #version: string | undefined;
  /** When the watch of this cycle was accepted, by the monotonic clock. */
  #opened: number | undefined;
  #lastContact: number | undefined;

  constructor(options: ListWatchOptions<T>) {
    this.#options = options;
  }

  get lastContact(): number | undefined {
    return this.#lastContact;
  }

  /** How long the watch of the last cycle was open. */
  get livedMs(): number {
    return this.#opened === undefined ? 0 : this.#options.timing.monotonic() - this.#opened;
  }

  /** The next cycle begins with a LIST. */
  relist(): void {
    this.#version = undefined;
  }

  /** Never rejects. */
  async next(): Promise<WatchEnd> {
    this.#opened = undefined;
    try {
      this.#version ??= await this.#list();
      return await this.#watch(this.#version);
    } catch (thrown) {
      return { kind: 'failed', error: fromThrown(`LIST ${this.#options.path}`, thrown) };
    }
  }

  async #list(): Promise<string> {
    const { client, path, query, extent, handlers, stopping, onListed } = this.#options;
    const items: T[] = [];
    const version = await listPages(client, { path, query, extent }, stopping, (page) => {
      this.#contact();
      for (const object of page) {
        const item = this.#read(object);
        if (item !== undefined) items.push(item);
      }
    });
    handlers.change({ kind: 'replaced', items });
    handlers.report({ kind: 'listed', count: items.length });
    onListed();
    return version;
  }

  async #watch(resourceVersion: string): Promise<WatchEnd> {
    const { client, path, extent, timing, stopping } = this.#options;
    const watchdog = new Watchdog(timing, timing.answerWithinMs);
    const heard = (): void => {
      this.#contact();
      watchdog.heard(timing.silentAfterMs);
    };
    const listener = {
      opened: () => {
        this.#opened = timing.monotonic();
        heard();
      },
      event: (type: string, object: object) => {
        heard();
        this.#event(type, object);
      },
    };
    const query = {
      ...this.#options.query,
      resourceVersion,
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(LIFETIME_SECONDS),
    };
    const signal = AbortSignal.any([stopping, watchdog.signal]);
    try {
      return await openWatchStream(client.config, { path, query, extent }, listener, signal);
    } finally {
      watchdog.stop();
    }
  }

  #event(type: string, object: object): void {
    const { handlers } = this.#options;
    this.#version = resourceVersionOf(object) ?? this.#version;
    if (type === 'BOOKMARK') return;
    const item = this.#read(object);
    if (item === undefined) return;
    if (type === 'DELETED') handlers.change({ kind: 'deleted', item });
    else if (type === 'ADDED' || type === 'MODIFIED') handlers.change({ kind: 'set', item });
    else handlers.report({ kind: 'malformed' });
  }

  #contact(): void {
    this.#lastContact = this.#options.timing.now();
  }

  #read(object: unknown): T | undefined {
    const { read, handlers } = this.#options;
    try {
      const item = read(object);
      if (item === undefined) handlers.report({ kind: 'malformed' });
      return item;
    } catch (error) {
      handlers.report({ kind: 'handler-failed', error });
      return undefined;
    }
  }
}
