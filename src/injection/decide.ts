import { parseAnnotations, type Ask } from '../annotations/parse.ts';
import { MIRROR_POD_ANNOTATION } from '../annotations/table.ts';
import { INJECTION_ENABLED, INJECTION_LABEL, NEVER_INJECTED } from '../config/opt-in.ts';
import type { Config } from '../config/schema.ts';
import { isOptedIn, type Grants, type NamespaceFacts } from '../grants/grants.ts';
import { isNonEmpty } from '../problems/problem.ts';
import { namedContainers, outputContainers, type Chosen } from './containers.ts';
import { attachJoin } from './join.ts';
import { isEmpty, makePlan } from './make-plan.ts';
import { missingCredentials } from './missing.ts';
import type { Outcome } from './outcome.ts';
import { attachOutputs } from './outputs.ts';
import { readPod } from './pod.ts';

/** What the platform decided, as far as one pod meets it. */
export interface Context {
  readonly config: Pick<Config, 'teleport' | 'injection'>;
  readonly namespace: NamespaceFacts;
  readonly grants: Grants;
  /** Outputs of this namespace that tbot has not written yet, as far as anybody knows. */
  readonly unwritten?: ReadonlySet<string>;
}

/**
 * The one decision of this program: what becomes of a pod. Pure; the webhook and the command line share it.
 * @param object a pod, or the pod template of a workload, of any shape
 */
export function decideInjection(object: unknown, { config, namespace, grants, unwritten }: Context): Outcome {
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
    ask.outputs.length === 0 ? NONE : outputContainers(ask, pod, config.injection.ignoreContainers);
  const joining = namedContainers('join', ask.join, pod);
  const outputs = attachOutputs(ask, grants, namespace.name, pod, chosen.containers);
  const join = attachJoin(ask, joinSettings(config), pod, joining.containers);
  const planned = makePlan([...outputs.attachments, ...join.attachments], pod, record(ask));

  const missing = missingCredentials(ask, unwritten ?? new Set(), namespace.name, config.injection);

  const problems = [parsed, chosen, joining, outputs, join, planned, missing].flatMap(
    (step) => step.problems,
  );
  if (isNonEmpty(problems)) return { kind: 'refuse', problems };
  const warnings = [outputs, join, planned, missing].flatMap((step) => step.warnings);
  if (isEmpty(planned.plan)) return { kind: 'skip', reason: 'already-injected', warnings };
  return { kind: 'inject', plan: planned.plan, pod, outputs: ask.outputs.map(({ name }) => name), warnings };
}

const NONE: Chosen = { containers: new Set(), problems: [] };

function joinSettings({ teleport, injection }: Context['config']): {
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

/** The same ask gives the same record, whichever release or replica writes it. */
function record(ask: Ask): string {
  return JSON.stringify({
    ...(ask.outputs.length === 0 ? {} : { outputs: ask.outputs.map(({ name }) => name) }),
    ...(ask.join.length === 0 ? {} : { join: ask.join }),
    ...(ask.tbotConfig === undefined ? {} : { tbotConfig: ask.tbotConfig.name }),
  });
}
