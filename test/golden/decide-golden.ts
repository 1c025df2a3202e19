import { field } from '../../src/config/raw.ts';
import { createGrants } from '../../src/grants/grants.ts';
import { decideInjection } from '../../src/injection/decide.ts';
import { misplacedAnnotations, podPath } from '../../src/injection/workloads.ts';
import { toPatch } from '../../src/injection/patch.ts';
import { printProblem } from '../../src/problems/problem.ts';
import type { Expected, Platform } from './load.ts';

/** Decides the injection of an object in a namespace, in the format of a golden. */
export function decideGolden({ config, namespaces }: Platform, object: unknown, name: string): Expected {
  const namespace = namespaces.get(name);
  if (namespace === undefined) throw new Error(`namespaces.yaml has no namespace ${name}`);
  const path = podPath(field(object, 'apiVersion'), field(object, 'kind'));
  if (path === undefined) throw new Error('a golden has an object without a pod');
  const outcome = decideInjection(path.reduce(field, object), {
    config,
    namespace,
    grants: createGrants(config)(namespace),
  });
  if (outcome.kind === 'refuse') return { kind: 'refuse', problems: outcome.problems.map(printProblem) };
  const warnings = [...misplacedAnnotations(object, path), ...outcome.warnings];
  if (outcome.kind === 'skip') return { kind: 'skip', reason: outcome.reason, warnings };
  return { kind: 'inject', patch: toPatch(outcome.plan, outcome.pod, ['', ...path].join('/')), warnings };
}
