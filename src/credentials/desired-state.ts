import type { Config } from '../config/schema.ts';
import { createGrants, isOptedIn, type NamespaceFacts } from '../grants/grants.ts';

/** A Namespace as far as the controller needs it. */
export interface ConsumerNamespace extends NamespaceFacts {
  /** Nothing can be created in a Namespace that is being deleted. */
  readonly isTerminating: boolean;
}

/** The Secret of one output in one namespace. */
export interface Destination {
  readonly bot: string;
  readonly namespace: string;
  readonly output: string;
  readonly secretName: string;
}

/** What a namespace must have. */
export interface DesiredState {
  /** `no` and `terminating` both have no destinations; they differ in what happens to existing objects. */
  readonly optedIn: 'yes' | 'no' | 'terminating';
  readonly destinations: readonly Destination[];
}

/**
 * Configuration -> (Namespace -> its desired state). The result for one Namespace object is cached.
 * @param ownNamespace the namespace of the release, which is never injected, even with the label
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
