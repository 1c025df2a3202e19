import { parseAnnotations, type Ask } from '../annotations/parse.ts';
import { MIRROR_POD_ANNOTATION } from '../annotations/table.ts';
import { INJECTION_ENABLED, INJECTION_LABEL, NEVER_INJECTED } from '../config/opt-in.ts';
import type { Config } from '../config/schema.ts';
import { isOptedIn, type Grants, type NamespaceFacts } from '../grants/grants.ts';
import { isNonEmpty, type NonEmpty, type Problem } from '../problems/problem.ts';
import { selectNamedContainers, selectOutputContainers, type SelectedContainers } from './containers.ts';
import { attachJoin } from './join.ts';
import { isEmpty, makePlan } from './make-plan.ts';
import type { Plan } from './plan.ts';
import { attachOutputs, checkUnwritten } from './outputs.ts';
import { readPod, type PodView } from './pod.ts';

/** Why a pod is not changed. */
export type SkipReason = 'not-asked' | 'mirror-pod' | 'namespace-not-opted-in' | 'already-injected';

/** All or nothing: a pod is skipped, injected as a whole, or refused with all its problems. */
export type Outcome =
  | { readonly kind: 'skip'; readonly reason: SkipReason; readonly warnings: readonly string[] }
  | {
      readonly kind: 'inject';
      readonly plan: Plan;
      /** The pod that the plan belongs to. */
      readonly pod: PodView;
      /** Names of the injected outputs. */
      readonly outputs: readonly string[];
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'refuse'; readonly problems: NonEmpty<Problem> };

/** Whether all outputs of a pod are granted to its namespace. */
export function hasItsOutputs(outcome: Outcome): boolean {
  return outcome.kind === 'inject' || (outcome.kind === 'skip' && outcome.reason === 'already-injected');
}

/** The decisions of the platform that apply to one pod. */
export interface InjectionContext {
  readonly config: Pick<Config, 'teleport' | 'injection'>;
  readonly namespace: NamespaceFacts;
  readonly grants: Grants;
  /** Outputs of this namespace that tbot has not written yet, by the controller's status; undefined: unknown. */
  readonly unwritten?: ReadonlySet<string>;
}

/**
 * Decides the injection of a pod, for the webhook and for the command line.
 * @param object a pod or the pod template of a workload, of any shape
 */
export function decideInjection(
  object: unknown,
  { config, namespace, grants, unwritten }: InjectionContext,
): Outcome {
  const { pod, problems: unreadable } = readPod(object);
  if (Object.hasOwn(pod.annotations, MIRROR_POD_ANNOTATION))
    return { kind: 'skip', reason: 'mirror-pod', warnings: [] };
  const parsed = parseAnnotations(pod.annotations);
  if (parsed.kind === 'nothing') return { kind: 'skip', reason: 'not-asked', warnings: [] };
  if (!isOptedIn(namespace))
    return { kind: 'skip', reason: 'namespace-not-opted-in', warnings: [notOptedIn(namespace)] };
  if (isNonEmpty(unreadable)) return { kind: 'refuse', problems: [...unreadable, ...parsed.problems] };

  const { ask } = parsed;
  const chosen =
    ask.outputs.length === 0
      ? NO_CONTAINERS
      : selectOutputContainers(ask, pod, config.injection.ignoreContainers);
  const joining = selectNamedContainers('join', ask.join, pod);
  const outputs = attachOutputs(ask, grants, namespace.name, pod, chosen.containers);
  const join = attachJoin(ask, joinSettings(config), pod, joining.containers);
  const planned = makePlan([...outputs.attachments, ...join.attachments], pod, injectedRecord(ask));

  const missing = checkUnwritten(ask, unwritten ?? new Set(), namespace.name, config.injection);

  const problems = [parsed, chosen, joining, outputs, join, planned, missing].flatMap(
    (step) => step.problems,
  );
  if (isNonEmpty(problems)) return { kind: 'refuse', problems };
  const warnings = [outputs, join, planned, missing].flatMap((step) => step.warnings);
  if (isEmpty(planned.plan)) return { kind: 'skip', reason: 'already-injected', warnings };
  return { kind: 'inject', plan: planned.plan, pod, outputs: ask.outputs.map(({ name }) => name), warnings };
}

const NO_CONTAINERS: SelectedContainers = { containers: new Set(), problems: [] };

function joinSettings({ teleport, injection }: InjectionContext['config']): {
  audience: string;
  expirationSeconds: number;
} {
  return { audience: teleport.clusterName, expirationSeconds: injection.joinTokenExpirationSeconds };
}

function notOptedIn({ name }: NamespaceFacts): string {
  const why = NEVER_INJECTED.includes(name)
    ? 'is never injected'
    : `has no label ${INJECTION_LABEL}=${INJECTION_ENABLED}`;
  return `namespace ${name} ${why}: the pod is left as it is`;
}

/** The record depends on the ask alone, so it is the same from every release and replica. */
function injectedRecord(ask: Ask): string {
  return JSON.stringify({
    ...(ask.outputs.length === 0 ? {} : { outputs: ask.outputs.map(({ name }) => name) }),
    ...(ask.join.length === 0 ? {} : { join: ask.join }),
    ...(ask.tbotConfig === undefined ? {} : { tbotConfig: ask.tbotConfig.name }),
  });
}
