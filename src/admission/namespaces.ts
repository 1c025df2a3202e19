import type { NamespaceFacts } from '../grants/grants.ts';

/** Where admission learns of Namespaces. */
export interface NamespaceSource {
  /** What the cache holds; undefined where it has never heard of the namespace. */
  cached(name: string): NamespaceFacts | undefined;
  /** Asks the API server; undefined where there is no such namespace. @throws NamespaceUnreadable */
  read(name: string): Promise<NamespaceFacts | undefined>;
}

/** The API server could not be asked. */
export class NamespaceUnreadable extends Error {
  override readonly name = 'NamespaceUnreadable';
}

/** Every namespace counts as having these labels: for a webhook without a cluster. */
export function fixedNamespaces(labels: Readonly<Record<string, string>>): NamespaceSource {
  const facts = (name: string): NamespaceFacts => ({ name, labels });
  return { cached: facts, read: (name) => Promise.resolve(facts(name)) };
}
