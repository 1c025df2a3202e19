import type { Ask } from '../annotations/parse.ts';
import { PREFIX } from '../config/opt-in.ts';
import type { Config } from '../config/schema.ts';
import type { Problem } from '../problems/problem.ts';

/** Outputs that are asked for and were never written: the pod would wait for them, or is refused, as configured. */
export function missingCredentials(
  ask: Ask,
  unwritten: ReadonlySet<string>,
  namespace: string,
  { onMissingCredential }: Config['injection'],
): { readonly problems: readonly Problem[]; readonly warnings: readonly string[] } {
  const missing = ask.outputs.filter(({ name }) => unwritten.has(name));
  if (onMissingCredential === 'refuse') {
    return { problems: missing.map(({ name }) => problem(name, namespace)), warnings: [] };
  }
  return {
    problems: [],
    warnings: missing.map(
      ({ name }) => `${name} has not been written in ${namespace} yet: the pod will wait for it`,
    ),
  };
}

function problem(name: string, namespace: string): Problem {
  return {
    code: 'credential-missing',
    where: `${PREFIX}outputs`,
    found: `${name}, which has not been written in ${namespace} yet`,
    expected: 'a credential that the pod can start with',
    fix: 'create the pod again in a minute; if it lasts, look at the Events of the namespace',
  };
}
