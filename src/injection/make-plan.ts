import { INJECTED_RECORD } from '../annotations/table.ts';
import { PREFIX } from '../config/opt-in.ts';
import { printName, type Problem } from '../problems/problem.ts';
import { pathConflicts, compareEnv, compareMount, compareVolume } from './conflicts.ts';
import type { Attachment, ContainerPlan, EnvVar, Plan, Volume, VolumeMount } from './plan.ts';
import type { ContainerView, PodView } from './pod.ts';

export interface PlanResult {
  readonly plan: Plan;
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/** Far more than any real pod has. Without a limit, a small pod could ask for a patch of gigabytes. */
const MAX_MOUNTS = 5000;

const EMPTY_PLAN: Plan = { volumes: [], containers: [], record: undefined };

function tooManyMounts(desired: number): Problem {
  return {
    code: 'too-many-mounts',
    where: 'spec.containers',
    found: `${desired} mounts, one for each volume in each container`,
    expected: `at most ${MAX_MOUNTS}`,
    fix: `choose fewer outputs, or name the containers that need them in ${PREFIX}containers`,
  };
}

/** Plans what each attachment adds to the pod, and compares it with what the pod has already. */
export function makePlan(attachments: readonly Attachment[], pod: PodView, record: string): PlanResult {
  const desired = attachments.reduce((sum, { containers }) => sum + containers.size, 0);
  if (desired > MAX_MOUNTS) return { plan: EMPTY_PLAN, problems: [tooManyMounts(desired)], warnings: [] };
  const problems: Problem[] = [...pathConflicts(attachments)];
  const warnings: string[] = [];
  const volumes: Volume[] = [];
  for (const attachment of attachments) {
    const comparison = compareVolume(attachment, pod);
    if (comparison === 'absent') {
      volumes.push(attachment.volume);
      if (attachment.warning !== undefined) warnings.push(attachment.warning);
    } else if (comparison !== 'same') problems.push(comparison);
  }
  const containers = pod.containers.map((container) => {
    const own = attachments.filter((attachment) => attachment.containers.has(container));
    const { mounts, problems: mountProblems } = planMounts(own, container, pod);
    const { env, warnings: envWarnings } = planEnv(own, container);
    problems.push(...mountProblems);
    warnings.push(...envWarnings);
    return { list: container.list, index: container.index, mounts, env };
  });
  const hasRecord = pod.annotations[INJECTED_RECORD] === record;
  const plan = {
    volumes,
    containers: containers.filter(addsSomething),
    record: hasRecord ? undefined : record,
  };
  return { plan, problems, warnings };
}

function planMounts(
  attachments: readonly Attachment[],
  container: ContainerView,
  pod: PodView,
): { mounts: VolumeMount[]; problems: Problem[] } {
  const mounts: VolumeMount[] = [];
  const problems: Problem[] = [];
  for (const attachment of attachments) {
    const comparison = compareMount(attachment, container, pod);
    if (comparison === 'absent')
      mounts.push({ name: attachment.volume.name, mountPath: attachment.mountPath, readOnly: true });
    else if (comparison !== 'same') problems.push(comparison);
  }
  return { mounts, problems };
}

function planEnv(
  attachments: readonly Attachment[],
  container: ContainerView,
): { env: EnvVar[]; warnings: string[] } {
  const desired = attachments.flatMap((attachment) => attachment.env);
  const kept = desired.filter((variable) => compareEnv(variable, container) === 'kept');
  const env = desired.filter((variable) => compareEnv(variable, container) === 'absent');
  return {
    env,
    warnings: [
      ...overrideWarnings(env, container),
      ...kept.map(({ name }) => `container ${printName(container.name)} keeps its own value of ${name}`),
    ],
  };
}

/** `env` overrides `envFrom`, whose names are unknown before the container starts. */
function overrideWarnings(env: readonly EnvVar[], container: ContainerView): string[] {
  if (!container.hasEnvFrom || env.length === 0) return [];
  const names = env.map(({ name }) => name).join(', ');
  return [
    `container ${printName(container.name)} has envFrom: ${names} would win over variables of the same name there`,
  ];
}

function addsSomething({ mounts, env }: ContainerPlan): boolean {
  return mounts.length > 0 || env.length > 0;
}

/** Whether the plan adds nothing, as for a pod that is injected already. */
export function isEmpty(plan: Plan): boolean {
  return plan.volumes.length === 0 && plan.containers.length === 0 && plan.record === undefined;
}
