import type { ObservedObjects } from '../../credentials/actions.ts';
import {
  readBinding,
  readSecretMetadata,
  type ObservedBinding,
  type ObservedSecret,
} from '../../credentials/observed.ts';
import type { ConsumerNamespace } from '../../credentials/desired-state.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { CLOCKS } from '../../kubernetes/clocks.ts';
import type { WatchChange, WatchReport } from '../../kubernetes/delivery.ts';
import { readNamespace } from '../../kubernetes/namespaces.ts';
import { SupervisedWatch } from '../../kubernetes/watch.ts';
import { KeptObjects } from './kept-objects.ts';
import type { WatchObserver } from './watch-observer.ts';

export interface ClusterCacheOptions {
  readonly client: KubernetesClient;
  readonly observer: WatchObserver;
  /** By bot. */
  readonly bots: ReadonlyMap<string, BotObjects>;
  /** Something has changed in this namespace, or of it. */
  readonly onChange: (namespace: string) => void;
  readonly patienceMs?: number;
}

/** Names of what a bot has in the namespaces that it is granted to. */
export interface BotObjects {
  readonly secrets: readonly string[];
  readonly binding: string;
}

/** Who has no right to a name when the others have been seen for so long is not waited for. */
const PATIENCE_MS = 30_000;

/**
 * Namespaces, and by name the Secrets and RoleBindings of all outputs and bots, each kept by a watch of its own: the
 * account may list those names and no others. Secrets come without what is in them.
 */
export class ClusterCache {
  readonly #namespaces = new Map<string, ConsumerNamespace>();
  readonly #kept = new KeptObjects();
  readonly #watches: readonly Watched[];
  readonly #bots: ClusterCacheOptions['bots'];
  readonly #observer: WatchObserver;
  readonly #onChange: (namespace: string) => void;

  constructor(options: ClusterCacheOptions) {
    const { client, observer, bots, onChange } = options;
    this.#bots = bots;
    this.#observer = observer;
    this.#onChange = onChange;
    const { patienceMs = PATIENCE_MS } = options;
    const open = <T>(resource: string, watch: Omit<WatchOf<T>, 'client' | 'onReport'>): Watched => {
      const refused = new Refusal(patienceMs);
      const opened = new SupervisedWatch<T>({
        ...watch,
        client,
        onReport: (report) => {
          refused.follow(report);
          observer.watchReported(resource, report);
        },
      });
      observer.watchStarted(resource, opened);
      void opened.whenSynced.then((isSynced) => {
        // Nobody waited for it, and much was left undone.
        if (isSynced && refused.hasLasted) this.#tell(this.#namespaces.keys());
      });
      return { resource, watch: opened as SupervisedWatch<unknown>, refused };
    };
    this.#watches = [
      open('namespaces', {
        path: '/api/v1/namespaces',
        read: readConsumer,
        onChange: (change: WatchChange<ConsumerNamespace>) => {
          this.#follow(change);
        },
      }),
      ...[...bots.values()]
        .flatMap(({ secrets }) => secrets)
        .map((name) =>
          open(`secrets/${name}`, {
            path: '/api/v1/secrets',
            query: { fieldSelector: `metadata.name=${name}` },
            extent: 'metadata',
            read: readSecretMetadata,
            onChange: (change: WatchChange<ObservedSecret>) => {
              this.#tell(this.#kept.follow('secrets', name, change));
            },
          }),
        ),
      ...[...bots].map(([bot, { binding: name }]) =>
        open(`rolebindings/${name}`, {
          path: '/apis/rbac.authorization.k8s.io/v1/rolebindings',
          query: { fieldSelector: `metadata.name=${name}` },
          read: readBinding,
          onChange: (change: WatchChange<ObservedBinding>) => {
            this.#tell(this.#kept.follow('bindings', bot, change));
          },
        }),
      ),
    ];
  }

  /**
   * Resolves when everything has been seen once, but for names that this account has no right to: those hold up
   * nobody else, and `sees` tells of them. False when `stop` came first.
   */
  async whenSynced(): Promise<boolean> {
    const [namespaces, ...others] = this.#watches;
    const seen = others.map(({ watch, refused }) => Promise.race([watch.whenSynced, refused.isLasting]));
    return (await Promise.all([namespaces?.watch.whenSynced, ...seen])).every((each) => each === true);
  }

  /** Whether all objects of a bot were seen, of whose names the account has the right to list. */
  sees(bot: string): boolean {
    const unseen = this.#watches.filter(({ watch }) => !watch.synced).map(({ resource }) => resource);
    if (unseen.length === 0) return true;
    const { secrets = [], binding = '' } = this.#bots.get(bot) ?? {};
    return !unseen.some(
      (resource) =>
        resource === `rolebindings/${binding}` || secrets.some((name) => resource === `secrets/${name}`),
    );
  }

  namespaces(): Iterable<ConsumerNamespace> {
    return this.#namespaces.values();
  }

  namespace(name: string): ConsumerNamespace | undefined {
    return this.#namespaces.get(name);
  }

  observed(namespace: string): ObservedObjects {
    return this.#kept.observed(namespace);
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

  #tell(namespaces: Iterable<string>): void {
    for (const namespace of namespaces) this.#onChange(namespace);
  }
}

interface Watched {
  readonly resource: string;
  readonly watch: SupervisedWatch<unknown>;
  readonly refused: Refusal;
}

/** Tells a right that is missing from one that has not reached the API server yet. */
class Refusal {
  readonly #lasting = Promise.withResolvers<boolean>();
  readonly #patienceMs: number;
  #since: number | undefined;
  #hasLasted = false;

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** True when refusals have lasted; never otherwise. */
  get isLasting(): Promise<boolean> {
    return this.#lasting.promise;
  }

  get hasLasted(): boolean {
    return this.#hasLasted;
  }

  follow(report: WatchReport): void {
    if (report.kind !== 'restarting') return;
    const isRefused = report.end.kind === 'failed' && report.end.error.code === 'forbidden';
    const now = CLOCKS.monotonic();
    this.#since = isRefused ? (this.#since ?? now) : undefined;
    if (this.#since === undefined || now - this.#since < this.#patienceMs) return;
    this.#hasLasted = true;
    this.#lasting.resolve(true);
  }
}

type WatchOf<T> = ConstructorParameters<typeof SupervisedWatch<T>>[0];

function readConsumer(object: unknown): ConsumerNamespace | undefined {
  const facts = readNamespace(object);
  if (facts === undefined) return undefined;
  const { metadata } = object as { metadata: { deletionTimestamp?: string } };
  return { ...facts, isTerminating: metadata.deletionTimestamp !== undefined };
}
