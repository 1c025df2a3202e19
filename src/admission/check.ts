import { field } from '../config/raw.ts';
import type { Config } from '../config/schema.ts';
import { misplacedAnnotations, podPath } from '../injection/workloads.ts';
import { hasItsOutputs, type Outcome } from '../injection/decide.ts';
import { printProblem } from '../problems/problem.ts';
import { restartWarnings } from '../restarts/restart-problems.ts';
import { NamespaceUnreadable } from './namespaces.ts';
import type { Judge } from './judge.ts';
import type { AdmissionRequest } from './review.ts';
import type { Verdict } from './verdict.ts';

/**
 * The early word: pods are created by controllers, so the author of a Deployment never sees what the webhook
 * tells a pod. This says it when the Deployment is applied. It warns and never refuses.
 */
export async function check(
  request: AdmissionRequest,
  judge: Judge,
  config: Pick<Config, 'bots'>,
): Promise<Verdict> {
  const { object, namespace, subResource } = request;
  const kind = String(field(object, 'kind'));
  const path = podPath(field(object, 'apiVersion'), kind);
  if (path === undefined || subResource !== '') return { kind: 'checked', warnings: [] };
  const outcome = await attempt(() => judge(path.reduce(field, object), namespace));
  const isGranted = outcome !== undefined && hasItsOutputs(outcome);
  return {
    kind: 'checked',
    warnings: [
      ...misplacedAnnotations(object, path),
      ...restartWarnings(object, config, isGranted),
      ...toWarnings(kind, outcome),
    ],
  };
}

/** Without the Namespace there is nothing to say yet; the pods will be judged when they come. */
async function attempt(judge: () => Promise<Outcome>): Promise<Outcome | undefined> {
  try {
    return await judge();
  } catch (error) {
    if (error instanceof NamespaceUnreadable) return undefined;
    throw error;
  }
}

function toWarnings(kind: string, outcome: Outcome | undefined): readonly string[] {
  if (outcome === undefined) return [];
  if (outcome.kind !== 'refuse') return outcome.warnings;
  return outcome.problems.map((problem) => `pods of this ${kind} will be refused: ${printProblem(problem)}`);
}
