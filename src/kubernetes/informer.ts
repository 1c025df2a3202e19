import { Reflector } from './reflector.ts';
import type { ReflectorOptions } from './list-watch.ts';
import type { WatchChange, WatchReport } from './watch-handlers.ts';

/** Stands for an object that is as it should be, and of which the store keeps nothing. */
export const NOT_KEPT = Symbol('not kept');

/** What has become of one key of the store; it is told again, unchanged, after each LIST. */
export interface StoreChange<T> {
  readonly key: string;
  readonly before: T | undefined;
  /** undefined: the store keeps nothing under this key any more. */
  readonly after: T | undefined;
}

/** Shows log and metrics what informers do. */
export interface InformerMonitor {
  /** Until `informerStopped` the informer may be looked at. */
  informerStarted(resource: string, informer: InformerHealth): void;
  informerReported(resource: string, report: WatchReport): void;
  informerStopped(resource: string): void;
}

export interface InformerHealth {
  /** When the API server was last heard; milliseconds since the epoch. */
  readonly lastContact: number | undefined;
  /** How often LIST or watch began again after trouble. */
  readonly restarts: number;
}

export interface InformerOptions<T> extends Omit<
  ReflectorOptions<unknown>,
  'read' | 'onChange' | 'onReport'
> {
  /** What is followed, for logs and metrics: `namespaces`, `secrets/tbot-one`. */
  readonly resource: string;
  /** What the store keeps of an object; undefined where it is malformed. */
  readonly read: (object: unknown) => T | typeof NOT_KEPT | undefined;
  /** May throw or reject: that is reported, and after the next LIST every key is told again. */
  readonly onChange?: ((change: StoreChange<T>) => unknown) | undefined;
  readonly monitor?: InformerMonitor | undefined;
}

interface Entry<T> {
  readonly key: string;
  readonly value: T | undefined;
}

/**
 * The objects of one collection, kept in a store by LIST and watch until `stop`. Keys are `namespace/name`, and `name`
 * for what is in no namespace. The handler is called when the store has changed already.
 */
export class Informer<T> implements InformerHealth {
  readonly #store = new Map<string, T>();
  readonly #options: InformerOptions<T>;
  readonly #reflector: Reflector<Entry<T>>;

  constructor(options: InformerOptions<T>) {
    this.#options = options;
    const { resource, monitor, read } = options;
    this.#reflector = new Reflector<Entry<T>>({
      ...options,
      read: (object) => {
        const key = keyOf(object);
        const value = key === undefined ? undefined : read(object);
        if (key === undefined || value === undefined) return undefined;
        return { key, value: value === NOT_KEPT ? undefined : value };
      },
      onChange: (change) => this.#apply(change),
      onReport: (report) => {
        monitor?.informerReported(resource, report);
      },
    });
    monitor?.informerStarted(resource, this);
  }

  get(key: string): T | undefined {
    return this.#store.get(key);
  }

  /** Everything that is kept. */
  values(): Iterable<T> {
    return this.#store.values();
  }

  keys(): Iterable<string> {
    return this.#store.keys();
  }

  /** Whether the store holds the first LIST. */
  get synced(): boolean {
    return this.#reflector.synced;
  }

  /** True with the first LIST, false when `stop` came first. Never rejects. */
  get whenSynced(): Promise<boolean> {
    return this.#reflector.whenSynced;
  }

  get lastContact(): number | undefined {
    return this.#reflector.lastContact;
  }

  get restarts(): number {
    return this.#reflector.restarts;
  }

  /** When the promise resolves, the handler is not called any more. */
  async stop(): Promise<void> {
    await this.#reflector.stop();
    this.#options.monitor?.informerStopped(this.#options.resource);
  }

  #apply(change: WatchChange<Entry<T>>): unknown {
    const changes = this.#changesOf(change);
    for (const { key, after } of changes) {
      if (after === undefined) this.#store.delete(key);
      else this.#store.set(key, after);
    }
    const { onChange } = this.#options;
    return onChange === undefined ? undefined : notifyAll(onChange, changes);
  }

  #changesOf(change: WatchChange<Entry<T>>): readonly StoreChange<T>[] {
    const of = (key: string, after: T | undefined): StoreChange<T> => ({
      key,
      before: this.#store.get(key),
      after,
    });
    if (change.kind === 'deleted') return [of(change.item.key, undefined)];
    if (change.kind === 'set') return [of(change.item.key, change.item.value)];
    const items = new Map(change.items.map(({ key, value }) => [key, value]));
    return [...new Set([...this.#store.keys(), ...items.keys()])].map((key) => of(key, items.get(key)));
  }
}

/** A handler that fails at one key is called for the others all the same. */
async function notifyAll<T>(
  onChange: (change: StoreChange<T>) => unknown,
  changes: readonly StoreChange<T>[],
): Promise<void> {
  const results = await Promise.allSettled(
    // Async, so that what is thrown is rejected as well.
    changes.map(async (change) => {
      await onChange(change);
    }),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** `namespace/name`, or `name`; undefined where it is no object of Kubernetes. */
function keyOf(object: unknown): string | undefined {
  const { namespace, name } = (object as RawObject | null)?.metadata ?? {};
  if (typeof name !== 'string') return undefined;
  return typeof namespace === 'string' ? `${namespace}/${name}` : name;
}

interface RawObject {
  readonly metadata?: { readonly namespace?: unknown; readonly name?: unknown } | null;
}
