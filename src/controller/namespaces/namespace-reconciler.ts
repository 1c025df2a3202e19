import type { ObservedObjects } from '../../credentials/actions.ts';
import type { ConsumerNamespace, DesiredState } from '../../credentials/desired-state.ts';
import { CLOCKS } from '../../kubernetes/clocks.ts';
import type { CredentialStore } from './credential-store.ts';
import type { EventRecorder } from '../runtime/event-recorder.ts';
import { WorkQueue } from '../runtime/work-queue.ts';
import { passNamespace } from './reconcile-namespace.ts';
import { RateLimiter } from '../runtime/rate-limiter.ts';

export interface NamespaceKeeperOptions {
  readonly seen: {
    /** undefined: there is none of that name. */
    namespace(name: string): ConsumerNamespace | undefined;
    observed(namespace: string): ObservedObjects;
    /** Whether all objects of a bot were seen. */
    sees(bot: string): boolean;
  };
  readonly desiredStateOf: (namespace: ConsumerNamespace) => DesiredState;
  readonly store: CredentialStore;
  readonly events: EventRecorder;
  /** By the API server's clock. */
  readonly now: () => Date;
  /** Asked before each write. */
  readonly mayWrite: () => boolean;
  readonly graceMs: number;
  readonly observer: NamespaceObserver;
  /** Milliseconds of a clock that never jumps. */
  readonly monotonic?: () => number;
}

export interface NamespaceObserver {
  /** One namespace could not be served; it is tried again, and the others go on. */
  namespaceFailed(failure: {
    readonly namespace: string;
    readonly error: unknown;
    readonly delayMs: number;
  }): void;
  /** Somebody undoes what is put right there again and again, and is answered more slowly from now on. */
  namespaceContested(namespace: string): void;
}

const CONCURRENCY = 8;

/** Times a minute that one namespace is put right: people mend less often, and loops of programs much more. */
const MOST_PASSES = 10;

/** Puts namespaces right, each by itself: one that cannot be, or that somebody fights over, holds up no other. */
export class NamespaceKeeper {
  readonly #options: NamespaceKeeperOptions;
  readonly #queue: WorkQueue;
  readonly #restraints = new Map<string, RateLimiter>();
  readonly #contested = new Set<string>();

  constructor(options: NamespaceKeeperOptions) {
    this.#options = options;
    this.#queue = new WorkQueue({
      concurrency: CONCURRENCY,
      onFailure: (namespace, error, delayMs) => {
        options.observer.namespaceFailed({ namespace, error, delayMs });
      },
      work: (name) => this.#keep(name),
    });
  }

  /** Something may have changed there. */
  add(namespace: string): void {
    this.#queue.add(namespace);
  }

  stop(): Promise<void> {
    return this.#queue.stop();
  }

  async #keep(name: string): Promise<void> {
    const {
      seen,
      desiredStateOf,
      store,
      events,
      now,
      mayWrite,
      graceMs,
      monotonic = CLOCKS.monotonic,
    } = this.#options;
    const namespace = seen.namespace(name);
    if (namespace === undefined) {
      this.#restraints.delete(name);
      this.#contested.delete(name);
    }
    if (namespace === undefined || !mayWrite()) return;
    const rateLimiter = this.#restraints.get(name) ?? new RateLimiter(MOST_PASSES);
    const pauseMs = rateLimiter.pauseMs(monotonic());
    this.#noteContest(name, pauseMs > 0);
    if (pauseMs > 0) {
      this.#queue.addAfter(name, pauseMs);
      return;
    }
    const pass = { writes: 0 };
    const perform: CredentialStore['perform'] = (...call) => {
      pass.writes++;
      return store.perform(...call);
    };
    try {
      const wait = await passNamespace({
        namespace: name,
        desired: desiredStateOf(namespace),
        observed: seen.observed(name),
        isSeen: (bot) => seen.sees(bot),
        store: { ...store, perform },
        events,
        now: now(),
        mayWrite,
        graceMs,
      });
      if (wait !== undefined) this.#queue.addAfter(name, wait);
    } finally {
      if (pass.writes > 0) {
        rateLimiter.wrote(monotonic());
        this.#restraints.set(name, rateLimiter);
      }
    }
  }

  #noteContest(name: string, isContested: boolean): void {
    if (isContested && !this.#contested.has(name)) this.#options.observer.namespaceContested(name);
    if (isContested) this.#contested.add(name);
    else this.#contested.delete(name);
  }
}
