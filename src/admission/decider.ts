import { createGrants, type NamespaceFacts } from '../grants/grants.ts';
import { decideInjection, type Outcome } from '../injection/decide.ts';
import type { WebhookSettings } from './settings.ts';

/** What becomes of a pod; or why its Namespace, which has to be read, cannot be. */
export type Decision = Outcome | { readonly kind: 'namespace-unreadable'; readonly reason: string };

/** Decides about a pod or pod template. */
export type Decider = (pod: unknown, namespace: string) => Promise<Decision>;

/**
 * Decides with the cached Namespace. Where the answer is "no", a label may have been set a moment ago: the Namespace is
 * read live, and that decides. The common "yes" needs no call to the API server.
 */
export function createDecider({
  config,
  namespaces,
  credentials,
}: Pick<WebhookSettings, 'config' | 'namespaces' | 'credentials'>): Decider {
  const grantsIn = createGrants(config);
  const decideIn = (namespace: NamespaceFacts, pod: unknown): Outcome => {
    const unwritten = credentials?.unwritten(namespace.name);
    return decideInjection(pod, {
      config,
      namespace,
      grants: grantsIn(namespace),
      ...(unwritten && { unwritten }),
    });
  };
  return async (pod, name) => {
    const unknown = { name, labels: {} };
    const outcome = decideIn(namespaces.cached(name) ?? unknown, pod);
    if (!dependsOnLabels(outcome)) return outcome;
    const read = await namespaces.read(name);
    switch (read.kind) {
      case 'found':
        return decideIn(read.namespace, pod);
      case 'absent':
        return decideIn(unknown, pod);
      case 'unreadable':
        return { kind: 'namespace-unreadable', reason: read.reason };
    }
  };
}

function dependsOnLabels(outcome: Outcome): boolean {
  if (outcome.kind === 'skip') return outcome.reason === 'namespace-not-opted-in';
  return outcome.kind === 'refuse' && outcome.problems.some(({ code }) => code === 'output-not-granted');
}
