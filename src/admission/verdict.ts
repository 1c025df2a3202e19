import type { AddOperation } from '../injection/patch.ts';
import type { SkipReason } from '../injection/decide.ts';
import { printProblem, type NonEmpty, type Problem } from '../problems/problem.ts';

/**
 * What an AdmissionReview is answered with; HTTP 200 for all of them.
 *
 * | verdict     | allowed | status                  | the user sees                             |
 * |-------------|---------|-------------------------|-------------------------------------------|
 * | unchanged   | yes     |                         | warnings, if any                          |
 * | injected    | yes     |                         | warnings, if any; the patch is applied    |
 * | checked     | yes     |                         | each refusal to come as a warning         |
 * | refused     | no      | 422 Invalid             | every problem with its fix                |
 * | misdirected | no      | 400 BadRequest          | that the webhook configuration is wrong   |
 * | unavailable | no      | 503 ServiceUnavailable  | what could not be read; the caller retries |
 */
export type Verdict =
  | { readonly kind: 'unchanged'; readonly reason: UnchangedReason; readonly warnings: readonly string[] }
  | {
      readonly kind: 'injected';
      readonly patch: readonly AddOperation[];
      readonly outputs: readonly string[];
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'checked'; readonly warnings: readonly string[] }
  | { readonly kind: 'refused'; readonly problems: NonEmpty<Problem> }
  | { readonly kind: 'misdirected'; readonly found: string; readonly expected: string }
  | { readonly kind: 'unavailable'; readonly message: string };

/** Why a pod is left as it is: the reasons of the injection, and those that only a review can have. */
export type UnchangedReason = SkipReason | 'not-create' | 'subresource';

interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: { readonly code: number; readonly reason: string; readonly message: string };
  readonly patchType?: 'JSONPatch';
  readonly patch?: string;
  readonly warnings?: readonly string[];
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

/** The body of the answer: an admission.k8s.io/v1 AdmissionReview. */
export function printReview(uid: string, verdict: Verdict): string {
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: respond(uid, verdict),
  });
}

function respond(uid: string, verdict: Verdict): AdmissionResponse {
  const auditAnnotations = audit(verdict);
  switch (verdict.kind) {
    case 'unchanged':
    case 'checked':
      return { uid, allowed: true, ...warn(verdict.warnings), auditAnnotations };
    case 'injected': {
      const patch = Buffer.from(JSON.stringify(verdict.patch)).toString('base64');
      return {
        uid,
        allowed: true,
        patchType: 'JSONPatch',
        patch,
        ...warn(verdict.warnings),
        auditAnnotations,
      };
    }
    case 'refused':
      return deny(uid, 422, 'Invalid', printProblems(verdict.problems), auditAnnotations);
    case 'misdirected': {
      const message = `found ${verdict.found}; expected ${verdict.expected}. Fix: correct the rules of the webhook configuration`;
      return deny(uid, 400, 'BadRequest', message, auditAnnotations);
    }
    case 'unavailable':
      return deny(uid, 503, 'ServiceUnavailable', verdict.message, auditAnnotations);
  }
}

function deny(
  uid: string,
  code: number,
  reason: string,
  message: string,
  auditAnnotations: Record<string, string>,
): AdmissionResponse {
  return { uid, allowed: false, status: { code, reason, message }, auditAnnotations };
}

/** The API server passes on 4,096 characters of warnings in all; the rest is cut here, and counted. */
const MAX_WARNINGS = 16;

function warn(warnings: readonly string[]): { warnings?: readonly string[] } {
  if (warnings.length === 0) return {};
  if (warnings.length <= MAX_WARNINGS) return { warnings };
  return { warnings: [...warnings.slice(0, MAX_WARNINGS), `and ${warnings.length - MAX_WARNINGS} more`] };
}

/** More would fill a terminal. They are printed when the first ones are mended. */
const MAX_PROBLEMS = 32;

function printProblems(problems: NonEmpty<Problem>): string {
  if (problems.length === 1) return printProblem(problems[0]);
  const lines = problems.slice(0, MAX_PROBLEMS).map((problem) => `\n  - ${printProblem(problem)}`);
  const rest = problems.length > MAX_PROBLEMS ? `\n  and ${problems.length - MAX_PROBLEMS} more` : '';
  return `${problems.length} problems:${lines.join('')}${rest}`;
}

/** For metrics, logs and audit: one word for what happened, one for why. */
export function reasonOf(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'unchanged':
      return verdict.reason;
    case 'refused':
      return verdict.problems[0].code;
    case 'misdirected':
      return 'wrong-resource';
    case 'unavailable':
      return 'namespace-unreadable';
    case 'injected':
    case 'checked':
      return '';
  }
}

/** The API server puts the webhook's name before each key. */
function audit(verdict: Verdict): Record<string, string> {
  const reason = reasonOf(verdict);
  return {
    outcome: verdict.kind,
    ...(reason === '' ? {} : { reason }),
    ...(verdict.kind === 'injected' && verdict.outputs.length > 0
      ? { outputs: verdict.outputs.join(',') }
      : {}),
  };
}
