import { setTimeout as sleep } from 'node:timers/promises';
import { BACKOFF, backoffMs, type BackoffLimits } from './backoff.ts';
import type { KubernetesClient } from './client.ts';
import { Delivery, type WatchChange, type WatchReport } from './delivery.ts';
import { fromThrown } from './error.ts';
import { listPages, resourceVersionOf } from './list.ts';
import { openStream } from './stream.ts';
import { afterStream, type StreamEnd } from './supervision.ts';

export interface WatchOptions<T> {
  readonly client: KubernetesClient;
  /** The collection, as `/api/v1/namespaces`. */
  readonly path: string;
  /** Keeps of an object what is wanted, or undefined when it is malformed. */
  readonly read: (object: unknown) => T | undefined;
  /** May throw or reject: that is reported, and the watch goes on. */
  readonly onChange: (change: WatchChange<T>) => unknown;
  readonly onReport?: ((report: WatchReport) => void) | undefined;
  readonly timing?: Partial<WatchTiming> | undefined;
}

export interface WatchTiming {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** 0 to 1. */
  readonly random: () => number;
  readonly backoff: BackoffLimits;
  /** A watch that has heard nothing for this long, in milliseconds, is given up. */
  readonly silentAfterMs: number;
}

/**
 * The server ends a watch in good order after this time and it is opened again, so that contact is renewed every
 * 25 s in a cluster where nothing happens (bookmarks alone come once a minute, or never). It lies under the 30 s after
 * which client-node takes a quiet watch for a dead one.
 */
const LIFETIME_SECONDS = 25;

const TIMING: WatchTiming = { now: Date.now, random: Math.random, backoff: BACKOFF, silentAfterMs: 45_000 };

/**
 * LISTs a collection and watches it until `stop`, whatever the network and the server do: one loop, so that there
 * is one watch at a time.
 */
export class SupervisedWatch<T> {
  readonly #options: WatchOptions<T>;
  readonly #timing: WatchTiming;
  readonly #delivery: Delivery<T>;
  readonly #stopping = new AbortController();
  readonly #firstList = Promise.withResolvers<boolean>();
  readonly #loop: Promise<void>;
  /** To watch from; undefined while a LIST is due. */
  #version: string | undefined;
  /** When the watch of this cycle was accepted, by `performance.now`. */
  #opened: number | undefined;
  #synced = false;
  #lastContact: number | undefined;
  #restarts = 0;

  constructor(options: WatchOptions<T>) {
    this.#options = options;
    this.#timing = { ...TIMING, ...options.timing };
    this.#delivery = new Delivery(options.onChange, options.onReport);
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
    return this.#lastContact;
  }

  /** How often LIST or watch began anew after trouble; the server's orderly end of a watch is none. */
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
      this.#opened = undefined;
      const end = await this.#cycle();
      if (this.#isStopping()) break;
      const next = afterStream(end, this.#livedMs(), failures);
      failures = next.failures;
      if (next.relist) this.#version = undefined;
      const wait = backoffMs(failures, this.#timing.random(), this.#timing.backoff);
      const delayMs = Math.max(wait, this.#options.client.throttledMs());
      if (failures > 0 || end.kind !== 'ended') {
        this.#restarts++;
        this.#delivery.report({ kind: 'restarting', end, delayMs, failures });
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

  /** LIST where it is due, then one watch to its end. Never rejects. */
  async #cycle(): Promise<StreamEnd> {
    try {
      this.#version ??= await this.#list();
      return await this.#watch(this.#version);
    } catch (thrown) {
      return { kind: 'failed', error: fromThrown(`LIST ${this.#options.path}`, thrown) };
    }
  }

  async #list(): Promise<string> {
    const { client, path } = this.#options;
    const items: T[] = [];
    const version = await listPages(client, path, this.#stopping.signal, (page) => {
      this.#contact();
      for (const object of page) {
        const item = this.#read(object);
        if (item !== undefined) items.push(item);
      }
    });
    this.#delivery.change({ kind: 'replaced', items });
    this.#delivery.report({ kind: 'listed', count: items.length });
    this.#synced = true;
    this.#firstList.resolve(true);
    return version;
  }

  async #watch(resourceVersion: string): Promise<StreamEnd> {
    const { client, path } = this.#options;
    const { now, silentAfterMs } = this.#timing;
    const watchdog = new AbortController();
    const started = now();
    // By the wall clock and not by one long timer: that would not have run while the machine slept.
    const timer = setInterval(() => {
      if (now() - Math.max(started, this.#lastContact ?? 0) > silentAfterMs) watchdog.abort();
    }, silentAfterMs / 4);
    const query = { resourceVersion, allowWatchBookmarks: true, timeoutSeconds: LIFETIME_SECONDS };
    const listener = {
      opened: () => {
        this.#opened = performance.now();
        this.#contact();
      },
      event: (type: string, object: unknown) => {
        this.#event(type, object);
      },
    };
    const signal = AbortSignal.any([this.#stopping.signal, watchdog.signal]);
    const end = await openStream(client.config, path, query, listener, signal);
    clearInterval(timer);
    return watchdog.signal.aborted ? { kind: 'silent' } : end;
  }

  #event(type: string, object: unknown): void {
    this.#contact();
    this.#version = resourceVersionOf(object) ?? this.#version;
    if (type === 'BOOKMARK') return;
    const item = this.#read(object);
    if (item === undefined) return;
    if (type === 'DELETED') this.#delivery.change({ kind: 'deleted', item });
    else if (type === 'ADDED' || type === 'MODIFIED') this.#delivery.change({ kind: 'set', item });
    else this.#delivery.report({ kind: 'malformed' });
  }

  #livedMs(): number {
    return this.#opened === undefined ? 0 : performance.now() - this.#opened;
  }

  #contact(): void {
    this.#lastContact = this.#timing.now();
  }

  #read(object: unknown): T | undefined {
    try {
      const item = this.#options.read(object);
      if (item === undefined) this.#delivery.report({ kind: 'malformed' });
      return item;
    } catch (error) {
      this.#delivery.report({ kind: 'handler-failed', error });
      return undefined;
    }
  }
}
