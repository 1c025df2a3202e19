import type { Config } from '../config/schema.ts';
import { printProblem } from '../problems/problem.ts';
import { createLifetimes } from './lifetimes.ts';
import { intervalProblems } from './refusals.ts';
import { outputsOf, readWorkload, restartableKind } from './workload.ts';

/**
 * What the author of a workload hears of the restarts that it asks for; nothing where it asks for none.
 * @param isGranted whether its namespace has all outputs that its pods ask for: of those of others nothing is told
 */
export function restartWarnings(
  object: unknown,
  { bots }: Pick<Config, 'bots'>,
  isGranted: boolean,
): readonly string[] {
  const kind = restartableKind(object);
  const workload = kind === undefined ? undefined : readWorkload(object, kind);
  if (workload === undefined) return [];
  const granted = new Set(isGranted ? outputsOf(workload) : []);
  return intervalProblems(workload, createLifetimes(bots), granted).map(
    (problem) => `this ${workload.kind} will not be restarted: ${printProblem(problem)}`,
  );
}
