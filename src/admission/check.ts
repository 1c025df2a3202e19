import { field } from '../config/raw.ts';
import type { Config } from '../config/schema.ts';
import { hasItsOutputs } from '../injection/decide.ts';
import { misplacedAnnotations, podPath } from '../injection/workloads.ts';
import { printProblem } from '../problems/problem.ts';
import { restartWarnings } from '../restarts/restart-problems.ts';
import type { Decider, Decision } from './decider.ts';
import type { AdmissionRequest } from './review.ts';
import type { Verdict } from './verdict.ts';

export interface CheckSettings {
  readonly decide: Decider;
  /** The warnings about restarts depend on it. */
  readonly config: Pick<Config, 'bots'>;
}

/**
 * Template warnings: pods are created by controllers, so the author of a Deployment never sees what the webhook
 * tells a pod. This tells it when the Deployment is applied. It warns and never refuses.
 */
export async function check(request: AdmissionRequest, { decide, config }: CheckSettings): Promise<Verdict> {
  const { object, namespace, subResource } = request;
  const kind = String(field(object, 'kind'));
  const path = podPath(field(object, 'apiVersion'), kind);
  if (path === undefined || subResource !== '') return { kind: 'checked', warnings: [] };
  const decision = await decide(path.reduce(field, object), namespace);
  const isGranted = decision.kind !== 'namespace-unreadable' && hasItsOutputs(decision);
  return {
    kind: 'checked',
    warnings: [
      ...misplacedAnnotations(object, path),
      ...restartWarnings(object, config, isGranted),
      ...toWarnings(kind, decision),
    ],
  };
}

function toWarnings(kind: string, decision: Decision): readonly string[] {
  switch (decision.kind) {
    case 'skip':
    case 'inject':
      return decision.warnings;
    case 'refuse':
      return decision.problems.map(
        (problem) => `pods of this ${kind} will be refused: ${printProblem(problem)}`,
      );
    case 'namespace-unreadable':
      // Nothing can be said yet: the pods are decided about when they are created.
      return [];
  }
}
