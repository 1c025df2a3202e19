import { field } from '../config/raw.ts';
import type { Outcome } from '../injection/decide.ts';
import { toPatch } from '../injection/patch.ts';
import { podPath } from '../injection/workloads.ts';
import { quote } from '../problems/problem.ts';
import { NamespaceUnreadable } from './namespaces.ts';
import type { Judge } from './judge.ts';
import type { AdmissionRequest } from './review.ts';
import type { Verdict } from './verdict.ts';

/** The verdict about a pod that is about to be created. */
export async function mutate(request: AdmissionRequest, judge: Judge): Promise<Verdict> {
  if (request.resource !== 'pods') return misdirected(`a review of ${quote(request.resource)}`);
  if (request.subResource !== '') return { kind: 'unchanged', reason: 'subresource', warnings: [] };
  if (request.operation !== 'CREATE') return { kind: 'unchanged', reason: 'not-create', warnings: [] };
  if (!isPod(request.object)) return misdirected(`an object of kind ${quote(field(request.object, 'kind'))}`);
  if (request.namespace === '') return misdirected('a pod without a namespace');
  try {
    return toVerdict(await judge(request.object, request.namespace));
  } catch (error) {
    // Anything else is a bug of ours, and must not pass for an outage of theirs.
    if (!(error instanceof NamespaceUnreadable)) throw error;
    return {
      kind: 'unavailable',
      message: `namespace ${request.namespace} could not be read: ${error.message}`,
    };
  }
}

function isPod(object: unknown): boolean {
  return podPath(field(object, 'apiVersion'), field(object, 'kind'))?.length === 0;
}

function misdirected(found: string): Verdict {
  return { kind: 'misdirected', found, expected: 'a review of pods (v1)' };
}

function toVerdict(outcome: Outcome): Verdict {
  switch (outcome.kind) {
    case 'skip':
      return { kind: 'unchanged', reason: outcome.reason, warnings: outcome.warnings };
    case 'refuse':
      return { kind: 'refused', problems: outcome.problems };
    case 'inject': {
      const { plan, pod, outputs, warnings } = outcome;
      return { kind: 'injected', patch: toPatch(plan, pod), outputs, warnings };
    }
  }
}
