import type { NamespaceFacts } from '../grants/grants.ts';

/** The answer of the API server about one Namespace. */
export type NamespaceRead =
  | { readonly kind: 'found'; readonly namespace: NamespaceFacts }
  | { readonly kind: 'absent' }
  /** The API server could not be asked. */
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Where admission learns of Namespaces. */
export interface NamespaceSource {
  /** What the cache holds; undefined where it does not know the namespace. */
  cached(name: string): NamespaceFacts | undefined;
  /** Asks the API server. Never rejects. */
  read(name: string): Promise<NamespaceRead>;
}

/** Where admission learns of credentials. */
export interface CredentialSource {
  /** Outputs that were never written in a namespace, as far as is known. */
  unwritten(namespace: string): ReadonlySet<string>;
}

/** Gives these labels to every namespace: for a webhook without a cluster. */
export function fixedNamespaces(labels: Readonly<Record<string, string>>): NamespaceSource {
  const facts = (name: string): NamespaceFacts => ({ name, labels });
  return {
    cached: facts,
    read: (name) => Promise.resolve({ kind: 'found', namespace: facts(name) }),
  };
}
