import type { Config } from '../config/schema.ts';
import { createGrants, isOptedIn, type NamespaceFacts } from '../grants/grants.ts';

/** What the controller knows of a Namespace. */
export interface ConsumerNamespace extends NamespaceFacts {
  /** It is being deleted: nothing can be created in it. */
  readonly isTerminating: boolean;
}

/** The Secret of one output in one namespace. */
export interface Destination {
  readonly bot: string;
  readonly namespace: string;
  readonly output: string;
  readonly secretName: string;
}

/** What a namespace is to have. */
export interface DesiredState {
  /** `no` and `terminating` have no destinations; they differ in what becomes of what is there. */
  readonly optedIn: 'yes' | 'no' | 'terminating';
  readonly destinations: readonly Destination[];
}

/**
 * Configuration -> (Namespace -> what it is to have). Asked for the same Namespace again it has the answer at hand.
 * @param ownNamespace the namespace of the release, which is never injected, whoever labels it
 */
export function createDesiredState(
  config: Config,
  ownNamespace?: string,
): (namespace: ConsumerNamespace) => DesiredState {
  const grants = createGrants(config);
  const cache = new WeakMap<ConsumerNamespace, DesiredState>();
  const compute = (namespace: ConsumerNamespace): DesiredState => {
    if (namespace.name === ownNamespace) return { optedIn: 'no', destinations: [] };
    if (namespace.isTerminating) return { optedIn: 'terminating', destinations: [] };
    const destinations = [...grants(namespace).values()].map(({ bot, name, secretName }) => ({
      bot,
      namespace: namespace.name,
      output: name,
      secretName,
    }));
    return { optedIn: isOptedIn(namespace) ? 'yes' : 'no', destinations };
  };
  return (namespace) => {
    const desired = cache.get(namespace) ?? compute(namespace);
    cache.set(namespace, desired);
    return desired;
  };
}
