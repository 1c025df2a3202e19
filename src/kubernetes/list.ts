import type { Extent, KubernetesClient } from './client.ts';
import { KubernetesError } from './error.ts';

const PAGE_SIZE = 500;

/** Narrows a collection: `fieldSelector`, `labelSelector`. */
export type Selection = Readonly<Record<string, string>>;

export interface Collection {
  /** As `/api/v1/namespaces`. */
  readonly path: string;
  readonly query?: Selection | undefined;
  /** `whole` by default. */
  readonly extent?: Exclude<Extent, 'metadata-list'> | undefined;
}

/**
 * LISTs a collection page by page; `onPage` gets each page, so that no caller has to hold all objects at once.
 * Resolves to the resourceVersion to watch from.
 * @throws KubernetesError; `expired` when the pages took longer than the server keeps them
 */
export async function listPages(
  client: KubernetesClient,
  { path, query: selection = {}, extent }: Collection,
  signal: AbortSignal,
  onPage: (items: readonly unknown[]) => void,
): Promise<string> {
  const listed = extent === 'metadata' ? 'metadata-list' : extent;
  let next: string | undefined;
  for (;;) {
    const query = { ...selection, limit: String(PAGE_SIZE), ...(next !== undefined && { continue: next }) };
    const answer = await client.getJson(path, { query, signal, extent: listed });
    if (answer.kind === 'not-found') {
      throw new KubernetesError('rejected', `GET ${path}: 404, there is no such collection`, { status: 404 });
    }
    const page = readPage(path, answer.body);
    onPage(page.items);
    if (page.next === undefined) return page.resourceVersion;
    next = page.next;
  }
}

interface Page {
  readonly items: readonly unknown[];
  readonly resourceVersion: string;
  readonly next: string | undefined;
}

function readPage(path: string, body: unknown): Page {
  const { items, metadata } = (body ?? {}) as { items?: unknown; metadata?: Record<string, unknown> | null };
  const version = metadata?.['resourceVersion'];
  // An empty list may come as null: Go writes a nil slice so.
  if ((items !== null && !Array.isArray(items)) || typeof version !== 'string' || version === '') {
    throw new KubernetesError('malformed', `GET ${path}: the answer is not a list`);
  }
  const next = metadata?.['continue'];
  return {
    items: (items ?? []) as readonly unknown[],
    resourceVersion: version,
    next: typeof next === 'string' && next !== '' ? next : undefined,
  };
}

/** The resourceVersion of an object from a watch, where it has one. */
export function resourceVersionOf(object: unknown): string | undefined {
  const version = (object as { metadata?: { resourceVersion?: unknown } } | null)?.metadata?.resourceVersion;
  return typeof version === 'string' && version !== '' ? version : undefined;
}
