import type { ObservedObjects } from '../../credentials/observed.ts';
import type { ConsumerNamespace } from '../../credentials/desired-state.ts';
import {
  readBinding,
  readSecretMetadata,
  type ObservedBinding,
  type ObservedSecret,
} from '../../credentials/observed.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { Informer, type InformerMonitor, type InformerOptions } from '../../kubernetes/informer.ts';
import { readNamespace } from '../../kubernetes/namespaces.ts';
import { MissingRightDetector } from './missing-right-detector.ts';

export interface ClusterCacheOptions {
  readonly client: KubernetesClient;
  readonly monitor: InformerMonitor;
  /** By bot. */
  readonly bots: ReadonlyMap<string, BotObjects>;
  readonly patienceMs?: number;
}

/** Names of what a bot has in the namespaces that it is granted to. */
export interface BotObjects {
  readonly secrets: readonly string[];
  readonly binding: string;
}

/** A name to which the account has no right is not waited for once the others have been synced for so long. */
const RBAC_PATIENCE_MS = 30_000;

/**
 * Namespaces, and by name the Secrets and RoleBindings of all outputs and bots, each with an informer of its own: the
 * account may list those names and no others. Secrets come without their data.
 */
export class ClusterCache {
  readonly #namespaces: Informer<ConsumerNamespace>;
  /** By name. */
  readonly #secrets: ReadonlyMap<string, ByName<ObservedSecret>>;
  /** By bot. */
  readonly #bindings: ReadonlyMap<string, ByName<ObservedBinding>>;
  /** By namespace, what was asked for since the last change there. */
  readonly #observed = new Map<string, ObservedObjects>();
  readonly #options: ClusterCacheOptions;
  readonly #handlers: ((namespace: string) => void)[] = [];

  constructor(options: ClusterCacheOptions) {
    this.#options = options;
    const { client, monitor, bots } = options;
    this.#namespaces = new Informer({
      client,
      monitor,
      resource: 'namespaces',
      path: '/api/v1/namespaces',
      read: readConsumer,
      onChange: ({ key }) => {
        this.#notify(key);
      },
    });
    const names = [...bots.values()].flatMap(({ secrets }) => secrets);
    this.#secrets = new Map(names.map((name) => [name, this.#openSecrets(name)]));
    this.#bindings = new Map([...bots].map(([bot, { binding }]) => [bot, this.#openBindings(binding)]));
  }

  /**
   * Resolves when everything has been seen once, but for names that this account has no right to: those hold up nothing
   * else, and `sees` tells of them. False when `stop` came first.
   */
  async whenSynced(): Promise<boolean> {
    const others = [...this.#secrets.values(), ...this.#bindings.values()];
    const synced = others.map(({ informer, right }) => Promise.race([informer.whenSynced, right.isMissing]));
    return (await Promise.all([this.#namespaces.whenSynced, ...synced])).every(Boolean);
  }

  /** Has `handler` called with the name of each namespace in which, or of which, something has changed. */
  onChange(handler: (namespace: string) => void): void {
    this.#handlers.push(handler);
  }

  /** Whether all objects of a bot are in the cache: the account has the right to list their names. */
  hasSynced(bot: string): boolean {
    const { secrets = [] } = this.#options.bots.get(bot) ?? {};
    return (
      this.#namespaces.synced &&
      this.#bindings.get(bot)?.informer.synced !== false &&
      secrets.every((name) => this.#secrets.get(name)?.informer.synced !== false)
    );
  }

  namespaces(): Iterable<ConsumerNamespace> {
    return this.#namespaces.values();
  }

  namespace(name: string): ConsumerNamespace | undefined {
    return this.#namespaces.get(name);
  }

  /** Declared objects in one namespace. What was handed out does not change under its reader. */
  observed(namespace: string): ObservedObjects {
    const kept = this.#observed.get(namespace);
    if (kept !== undefined) return kept;
    const observed = {
      secrets: inNamespace(namespace, this.#secrets),
      bindings: inNamespace(namespace, this.#bindings),
    };
    // Of a namespace without objects no change would ever take it out again.
    if (observed.secrets.size + observed.bindings.size > 0) this.#observed.set(namespace, observed);
    return observed;
  }

  async stop(): Promise<void> {
    const others = [...this.#secrets.values(), ...this.#bindings.values()];
    await Promise.all([this.#namespaces.stop(), ...others.map(({ informer }) => informer.stop())]);
  }

  #notify(namespace: string): void {
    for (const handler of this.#handlers) handler(namespace);
  }

  #openSecrets(name: string): ByName<ObservedSecret> {
    return this.#open(name, `secrets/${name}`, {
      path: '/api/v1/secrets',
      query: { fieldSelector: `metadata.name=${name}` },
      extent: 'metadata',
      read: readSecretMetadata,
    });
  }

  #openBindings(name: string): ByName<ObservedBinding> {
    return this.#open(name, `rolebindings/${name}`, {
      path: '/apis/rbac.authorization.k8s.io/v1/rolebindings',
      query: { fieldSelector: `metadata.name=${name}` },
      read: readBinding,
    });
  }

  #open<T extends { readonly namespace: string }>(
    name: string,
    resource: string,
    collection: Pick<InformerOptions<T>, 'path' | 'query' | 'extent' | 'read'>,
  ): ByName<T> {
    const { client, monitor, patienceMs = RBAC_PATIENCE_MS } = this.#options;
    const right = new MissingRightDetector(monitor, patienceMs);
    const informer = new Informer<T>({
      ...collection,
      client,
      resource,
      monitor: right,
      onChange: ({ before, after }) => {
        const namespace = (after ?? before)?.namespace;
        if (namespace === undefined) return;
        this.#observed.delete(namespace);
        this.#notify(namespace);
      },
    });
    void informer.whenSynced.then((isSynced) => {
      // The others did not wait for it, and much was left undone.
      if (isSynced && right.wasMissing) for (const name of this.#namespaces.keys()) this.#notify(name);
    });
    return { name, informer, right };
  }
}

/** All objects of one name, in whatever namespaces. */
interface ByName<T> {
  readonly name: string;
  readonly informer: Informer<T>;
  readonly right: MissingRightDetector;
}

function inNamespace<T>(namespace: string, all: ReadonlyMap<string, ByName<T>>): ReadonlyMap<string, T> {
  const found = [...all].flatMap(([key, { name, informer }]) => {
    const object = informer.get(`${namespace}/${name}`);
    return object === undefined ? [] : [[key, object] as const];
  });
  return new Map(found);
}

function readConsumer(object: unknown): ConsumerNamespace | undefined {
  const metadata = readNamespace(object);
  if (metadata === undefined) return undefined;
  const { metadata: raw } = object as { metadata: { deletionTimestamp?: string } };
  return { ...metadata, isTerminating: raw.deletionTimestamp !== undefined };
}
