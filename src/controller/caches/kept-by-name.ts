import type { WatchChange } from '../../kubernetes/delivery.ts';

/** An object of a watch; undefined: of the one with this key nothing is kept, or not any more. */
export interface Named<T> {
  readonly key: string;
  readonly kept: T | undefined;
}

/** `namespace/name`; undefined where it is no object of a namespace. */
export function keyOf(object: unknown): string | undefined {
  const { namespace, name } = (object as RawObject | null)?.metadata ?? {};
  return typeof namespace === 'string' && typeof name === 'string' ? `${namespace}/${name}` : undefined;
}

/** Brings what is kept by key up to a change. */
export function follow<T>(all: Map<string, T>, change: WatchChange<Named<T>>): void {
  if (change.kind === 'replaced') all.clear();
  for (const { key, kept } of change.kind === 'replaced' ? change.items : [change.item]) {
    if (kept === undefined || change.kind === 'deleted') all.delete(key);
    else all.set(key, kept);
  }
}

interface RawObject {
  readonly metadata?: { readonly namespace?: unknown; readonly name?: unknown };
}
