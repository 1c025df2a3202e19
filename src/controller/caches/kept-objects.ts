import type { ObservedObjects } from '../../credentials/actions.ts';
import type { ObservedBinding, ObservedSecret } from '../../credentials/observed.ts';
import type { WatchChange } from '../../kubernetes/delivery.ts';

interface Kinds {
  readonly secrets: ObservedSecret;
  readonly bindings: ObservedBinding;
}

const NOTHING: ObservedObjects = { secrets: new Map(), bindings: new Map() };

/** Secrets and RoleBindings by namespace. What was handed out does not change under whoever holds it. */
export class KeptObjects {
  readonly #byNamespace = new Map<string, ObservedObjects>();

  observed(namespace: string): ObservedObjects {
    return this.#byNamespace.get(namespace) ?? NOTHING;
  }

  /**
   * Follows a change among the objects of one key, which is the name of the Secrets, or the bot of the RoleBindings.
   * @returns the namespaces that it touched
   */
  follow<Of extends keyof Kinds>(of: Of, key: string, change: WatchChange<Kinds[Of]>): Iterable<string> {
    if (change.kind !== 'replaced') {
      const { namespace } = change.item;
      this.#put(of, key, namespace, change.kind === 'set' ? change.item : undefined);
      return [namespace];
    }
    const items = new Map(change.items.map((item) => [item.namespace, item]));
    const before = [...this.#byNamespace].flatMap(([namespace, kept]) =>
      kept[of].has(key) ? namespace : [],
    );
    const touched = new Set([...before, ...items.keys()]);
    for (const namespace of touched) this.#put(of, key, namespace, items.get(namespace));
    return touched;
  }

  #put<Of extends keyof Kinds>(of: Of, key: string, namespace: string, item: Kinds[Of] | undefined): void {
    const kept = this.observed(namespace);
    const changed = new Map<string, Kinds[Of]>(kept[of] as ReadonlyMap<string, Kinds[Of]>);
    if (item === undefined) changed.delete(key);
    else changed.set(key, item);
    const after = { ...kept, [of]: changed };
    if (after.secrets.size + after.bindings.size === 0) this.#byNamespace.delete(namespace);
    else this.#byNamespace.set(namespace, after);
  }
}
