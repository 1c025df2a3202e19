import type { KubernetesClient } from './client.ts';
import { fromThrown, KubernetesError } from './error.ts';
import { Informer, type InformerMonitor } from './informer.ts';
import type { WatchTiming } from './list-watch.ts';

/** What is kept of a Namespace. `labels` has no prototype: a label may be called `constructor`. */
export interface NamespaceMetadata {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export type NamespaceRead =
  | { readonly kind: 'found'; readonly namespace: NamespaceMetadata }
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly error: KubernetesError };

export interface NamespaceReader {
  /** From the cache that the watch keeps; undefined when it knows no such namespace, or none yet. */
  get(name: string): NamespaceMetadata | undefined;
  /** From the API server, within 2 s; calls for one name at one time share one request. Never rejects. */
  read(name: string): Promise<NamespaceRead>;
  readonly synced: boolean;
  /** False when `stop` came first. */
  readonly whenSynced: Promise<boolean>;
  /** When the cache last heard from the API server; milliseconds since the epoch. */
  readonly lastContact: number | undefined;
  readonly restarts: number;
  stop(): Promise<void>;
}

export interface NamespaceReaderOptions {
  readonly client: KubernetesClient;
  readonly monitor?: InformerMonitor | undefined;
  readonly timing?: Partial<WatchTiming> | undefined;
  /** For `read`; 2 s by default. */
  readonly readTimeoutMs?: number;
}

const PATH = '/api/v1/namespaces';

/** A DNS label: nothing else can name a Namespace, and nothing else becomes part of a path. */
const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * Names and labels of all Namespaces, kept by an informer. What `read` finds is not put into the cache: only the
 * watch knows the order of things, and an answer that it has overtaken would bring a deleted namespace back.
 */
export function createNamespaceReader(options: NamespaceReaderOptions): NamespaceReader {
  const { client, readTimeoutMs = 2_000 } = options;
  const reading = new Map<string, Promise<NamespaceRead>>();
  const informer = new Informer({ ...options, resource: 'namespaces', path: PATH, read: readNamespace });

  return {
    get: (name) => informer.get(name),
    read: (name) => {
      const running = reading.get(name);
      if (running !== undefined) return running;
      const started = readLive(client, name, readTimeoutMs).finally(() => reading.delete(name));
      reading.set(name, started);
      return started;
    },
    get synced() {
      return informer.synced;
    },
    whenSynced: informer.whenSynced,
    get lastContact() {
      return informer.lastContact;
    },
    get restarts() {
      return informer.restarts;
    },
    stop: () => informer.stop(),
  };
}

async function readLive(client: KubernetesClient, name: string, timeoutMs: number): Promise<NamespaceRead> {
  if (!NAME.test(name)) return { kind: 'absent' };
  const path = `${PATH}/${name}`;
  try {
    const answer = await client.getJson(path, { timeoutMs });
    if (answer.kind === 'not-found') return { kind: 'absent' };
    const namespace = readNamespace(answer.body);
    if (namespace !== undefined) return { kind: 'found', namespace };
    return { kind: 'failed', error: new KubernetesError('malformed', `GET ${path}: this is no Namespace`) };
  } catch (thrown) {
    return { kind: 'failed', error: fromThrown(`GET ${path}`, thrown) };
  }
}

/** undefined: it is no Namespace. */
export function readNamespace(object: unknown): NamespaceMetadata | undefined {
  const metadata = (object as { metadata?: { name?: unknown; labels?: unknown } } | null)?.metadata;
  if (typeof metadata?.name !== 'string') return undefined;
  const labels = Object.create(null) as Record<string, string>;
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    if (typeof value === 'string') labels[key] = value;
  }
  return { name: metadata.name, labels: Object.freeze(labels) };
}
