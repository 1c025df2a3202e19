import type { NonEmpty, Problem } from '../problems/problem.ts';
import type { Plan } from './plan.ts';
import type { PodView } from './pod.ts';

/** Why a pod is left as it is. */
export type SkipReason = 'not-asked' | 'mirror-pod' | 'namespace-not-opted-in' | 'already-injected';

/** All or nothing: a pod is left alone, injected whole, or refused with every problem. */
export type Outcome =
  | { readonly kind: 'skip'; readonly reason: SkipReason; readonly warnings: readonly string[] }
  | {
      readonly kind: 'inject';
      readonly plan: Plan;
      /** The pod that the plan was made for. */
      readonly pod: PodView;
      /** Names of the outputs that the pod gets. */
      readonly outputs: readonly string[];
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'refuse'; readonly problems: NonEmpty<Problem> };

/** Whether all outputs that a pod asks for are granted to its namespace. */
export function hasItsOutputs(outcome: Outcome): boolean {
  return outcome.kind === 'inject' || (outcome.kind === 'skip' && outcome.reason === 'already-injected');
}
