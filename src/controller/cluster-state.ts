import type { Observed } from '../credentials/actions.ts';
import {
  readBinding,
  readSecretMetadata,
  type Metadata,
  type ObservedBinding,
  type ObservedSecret,
} from '../credentials/observed.ts';
import type { ConsumerNamespace } from '../credentials/wanted.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import type { WatchChange } from '../kubernetes/delivery.ts';
import { readNamespace } from '../kubernetes/namespaces.ts';
import { SupervisedWatch } from '../kubernetes/watch.ts';
import type { WatchObserver } from './watch-observer.ts';

export interface ClusterStateOptions {
  readonly client: KubernetesClient;
  readonly observer: WatchObserver;
  /** Names of the Secrets of all outputs. */
  readonly secretNames: readonly string[];
  /** Bots, with the name of each one's RoleBindings. */
  readonly bindingNames: ReadonlyMap<string, string>;
  /** Something has changed in this namespace, or of it. */
  readonly onChange: (namespace: string) => void;
}

/**
 * Namespaces, and by name the Secrets and RoleBindings of all outputs and bots, each kept by a watch of its own: the
 * account may list those names and no others. Secrets come without what is in them.
 */
export class ClusterState {
  readonly #namespaces = new Map<string, ConsumerNamespace>();
  readonly #secrets = new Map<string, Map<string, ObservedSecret>>();
  readonly #bindings = new Map<string, Map<string, ObservedBinding>>();
  readonly #watches: readonly { readonly resource: string; readonly watch: SupervisedWatch<unknown> }[];
  readonly #observer: WatchObserver;
  readonly #onChange: (namespace: string) => void;

  constructor(options: ClusterStateOptions) {
    const { client, observer, secretNames, bindingNames, onChange } = options;
    this.#observer = observer;
    this.#onChange = onChange;
    const open = <T>(resource: string, watch: Omit<WatchOf<T>, 'client' | 'onReport'>) => {
      const opened = new SupervisedWatch<T>({
        ...watch,
        client,
        onReport: (report) => {
          observer.watchReported(resource, report);
        },
      });
      observer.watchStarted(resource, opened);
      return { resource, watch: opened as SupervisedWatch<unknown> };
    };
    this.#watches = [
      open('namespaces', {
        path: '/api/v1/namespaces',
        read: readConsumer,
        onChange: (change: WatchChange<ConsumerNamespace>) => {
          this.#follow(change);
        },
      }),
      ...secretNames.map((name) =>
        open(`secrets/${name}`, {
          path: '/api/v1/secrets',
          query: { fieldSelector: `metadata.name=${name}` },
          extent: 'metadata',
          read: readSecretMetadata,
          onChange: (change: WatchChange<ObservedSecret>) => {
            this.#keep(this.#secrets, name, change);
          },
        }),
      ),
      ...[...bindingNames].map(([bot, name]) =>
        open(`rolebindings/${name}`, {
          path: '/apis/rbac.authorization.k8s.io/v1/rolebindings',
          query: { fieldSelector: `metadata.name=${name}` },
          read: readBinding,
          onChange: (change: WatchChange<ObservedBinding>) => {
            this.#keep(this.#bindings, bot, change);
          },
        }),
      ),
    ];
  }

  /** Resolves when everything has been seen once; false when `stop` came first. */
  async whenSynced(): Promise<boolean> {
    return (await Promise.all(this.#watches.map(({ watch }) => watch.whenSynced))).every(Boolean);
  }

  namespaces(): Iterable<ConsumerNamespace> {
    return this.#namespaces.values();
  }

  namespace(name: string): ConsumerNamespace | undefined {
    return this.#namespaces.get(name);
  }

  observed(namespace: string): Observed {
    const of = <T>(kept: ReadonlyMap<string, ReadonlyMap<string, T>>): ReadonlyMap<string, T> =>
      new Map(
        [...kept].flatMap(([key, byNamespace]) => {
          const found = byNamespace.get(namespace);
          return found === undefined ? [] : [[key, found] as const];
        }),
      );
    return { secrets: of(this.#secrets), bindings: of(this.#bindings) };
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#watches.map(async ({ resource, watch }) => {
        await watch.stop();
        this.#observer.watchEnded(resource);
      }),
    );
  }

  #follow(change: WatchChange<ConsumerNamespace>): void {
    if (change.kind === 'replaced') {
      const before = [...this.#namespaces.keys()];
      this.#namespaces.clear();
      for (const item of change.items) this.#namespaces.set(item.name, item);
      for (const name of new Set([...before, ...this.#namespaces.keys()])) this.#onChange(name);
      return;
    }
    if (change.kind === 'set') this.#namespaces.set(change.item.name, change.item);
    else this.#namespaces.delete(change.item.name);
    this.#onChange(change.item.name);
  }

  /** `key` is the name of the Secrets, or the bot of the RoleBindings; inside, by namespace. */
  #keep<T extends Metadata>(kept: Map<string, Map<string, T>>, key: string, change: WatchChange<T>): void {
    const before = kept.get(key) ?? new Map<string, T>();
    if (change.kind === 'replaced') {
      kept.set(key, new Map(change.items.map((item) => [item.namespace, item])));
      const touched = new Set([...before.keys(), ...change.items.map(({ namespace }) => namespace)]);
      for (const namespace of touched) this.#onChange(namespace);
      return;
    }
    const { namespace } = change.item;
    if (change.kind === 'set') before.set(namespace, change.item);
    else before.delete(namespace);
    kept.set(key, before);
    this.#onChange(namespace);
  }
}

type WatchOf<T> = ConstructorParameters<typeof SupervisedWatch<T>>[0];

function readConsumer(object: unknown): ConsumerNamespace | undefined {
  const facts = readNamespace(object);
  if (facts === undefined) return undefined;
  const { metadata } = object as { metadata: { deletionTimestamp?: string } };
  return { ...facts, isTerminating: metadata.deletionTimestamp !== undefined };
}
