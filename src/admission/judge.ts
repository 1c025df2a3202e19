import type { Config } from '../config/schema.ts';
import { createGrants, type NamespaceFacts } from '../grants/grants.ts';
import { decideInjection, type Outcome } from '../injection/decide.ts';
import type { NamespaceSource } from './namespaces.ts';

/** Decides about a pod or pod template; rejects where its Namespace has to be read and cannot be. */
export type Judge = (pod: unknown, namespace: string) => Promise<Outcome>;

/** Where admission learns of credentials. */
export interface CredentialSource {
  /** Outputs that were never written in a namespace, as far as is known. */
  unwritten(namespace: string): ReadonlySet<string>;
}

/**
 * Judges with the cached Namespace; where that leads to "no", a label may have been set a moment ago, so it is
 * read live and judged again. The common "yes" asks nobody.
 */
export function createJudge(
  config: Config,
  namespaces: NamespaceSource,
  credentials?: CredentialSource,
): Judge {
  const grantsIn = createGrants(config);
  const judge = (pod: unknown, namespace: NamespaceFacts): Outcome => {
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
    const outcome = judge(pod, namespaces.cached(name) ?? unknown);
    if (!dependsOnLabels(outcome)) return outcome;
    return judge(pod, (await namespaces.read(name)) ?? unknown);
  };
}

function dependsOnLabels(outcome: Outcome): boolean {
  if (outcome.kind === 'skip') return outcome.reason === 'namespace-not-opted-in';
  return outcome.kind === 'refuse' && outcome.problems.some(({ code }) => code === 'output-not-granted');
}
