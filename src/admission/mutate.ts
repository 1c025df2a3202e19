import { field } from '../config/raw.ts';
import { toPatch } from '../injection/patch.ts';
import { podPath } from '../injection/workloads.ts';
import { quote } from '../problems/problem.ts';
import type { Decider, Decision } from './decider.ts';
import type { AdmissionRequest } from './review.ts';
import type { Verdict } from './verdict.ts';

/** The verdict about a pod that is about to be created. */
export async function mutate(
  request: AdmissionRequest,
  { decide }: { readonly decide: Decider },
): Promise<Verdict> {
  const { resource, subResource, operation, object, namespace } = request;
  if (resource !== 'pods') return misdirected(`a review of ${quote(resource)}`);
  if (subResource !== '') return { kind: 'unchanged', reason: 'subresource', warnings: [] };
  if (operation !== 'CREATE') return { kind: 'unchanged', reason: 'not-create', warnings: [] };
  if (!isPod(object)) return misdirected(`an object of kind ${quote(field(object, 'kind'))}`);
  if (namespace === '') return misdirected('a pod without a namespace');
  return toVerdict(await decide(object, namespace), namespace);
}

function isPod(object: unknown): boolean {
  return podPath(field(object, 'apiVersion'), field(object, 'kind'))?.length === 0;
}

function misdirected(found: string): Verdict {
  return { kind: 'misdirected', found, expected: 'a review of pods (v1)' };
}

function toVerdict(decision: Decision, namespace: string): Verdict {
  switch (decision.kind) {
    case 'skip':
      return { kind: 'unchanged', reason: decision.reason, warnings: decision.warnings };
    case 'refuse':
      return { kind: 'refused', problems: decision.problems };
    case 'inject': {
      const { plan, pod, outputs, warnings } = decision;
      return { kind: 'injected', patch: toPatch(plan, pod), outputs, warnings };
    }
    case 'namespace-unreadable':
      return {
        kind: 'unavailable',
        message: `namespace ${namespace} could not be read: ${decision.reason}`,
      };
  }
}
