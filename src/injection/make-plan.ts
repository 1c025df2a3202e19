import { INJECTED_RECORD } from '../annotations/table.ts';
import { PREFIX } from '../config/opt-in.ts';
import { printName, type Problem } from '../problems/problem.ts';
import type { Attachment } from './attachment.ts';
import { pathClashes, placeForEnv, placeForMount, placeForVolume } from './conflicts.ts';
import type { ContainerPlan, EnvVar, Plan, Volume, VolumeMount } from './plan.ts';
import type { ContainerView, PodView } from './pod.ts';

export interface Planned {
  readonly plan: Plan;
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/** Far beyond any real pod: a small pod that asks for everything everywhere must not become a patch of gigabytes. */
const MOST_MOUNTS = 5000;

const NOTHING: Plan = { volumes: [], containers: [], record: undefined };

function tooMany(desired: number): Problem {
  return {
    code: 'too-many-mounts',
    where: 'spec.containers',
    found: `${desired} mounts, one for each volume in each container`,
    expected: `at most ${MOST_MOUNTS}`,
    fix: `choose fewer outputs, or name the containers that need them in ${PREFIX}containers`,
  };
}

/** Places every attachment in the pod: what is missing is planned, what is there is compared. */
export function makePlan(attachments: readonly Attachment[], pod: PodView, record: string): Planned {
  const desired = attachments.reduce((sum, { containers }) => sum + containers.size, 0);
  if (desired > MOST_MOUNTS) return { plan: NOTHING, problems: [tooMany(desired)], warnings: [] };
  const problems: Problem[] = [...pathClashes(attachments)];
  const warnings: string[] = [];
  const volumes: Volume[] = [];
  for (const attachment of attachments) {
    const place = placeForVolume(attachment, pod);
    if (place === 'free') {
      volumes.push(attachment.volume);
      if (attachment.warning !== undefined) warnings.push(attachment.warning);
    } else if (place !== 'same') problems.push(place);
  }
  const containers = pod.containers.map((container) => {
    const mine = attachments.filter((attachment) => attachment.containers.has(container));
    const { mounts, problems: taken } = planMounts(mine, container, pod);
    const { env, warnings: kept } = planEnv(mine, container);
    problems.push(...taken);
    warnings.push(...kept);
    return { list: container.list, index: container.index, mounts, env };
  });
  const written = pod.annotations[INJECTED_RECORD] === record;
  const plan = {
    volumes,
    containers: containers.filter(addsSomething),
    record: written ? undefined : record,
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
    const place = placeForMount(attachment, container, pod);
    if (place === 'free')
      mounts.push({ name: attachment.volume.name, mountPath: attachment.mountPath, readOnly: true });
    else if (place !== 'same') problems.push(place);
  }
  return { mounts, problems };
}

function planEnv(
  attachments: readonly Attachment[],
  container: ContainerView,
): { env: EnvVar[]; warnings: string[] } {
  const desired = attachments.flatMap((attachment) => attachment.env);
  const kept = desired.filter((variable) => placeForEnv(variable, container) === 'kept');
  const env = desired.filter((variable) => placeForEnv(variable, container) === 'free');
  return {
    env,
    warnings: [
      ...overridden(env, container),
      ...kept.map(({ name }) => `container ${printName(container.name)} keeps its own value of ${name}`),
    ],
  };
}

/** `env` wins over `envFrom`, whose names nobody knows before the container starts. */
function overridden(env: readonly EnvVar[], container: ContainerView): string[] {
  if (!container.hasEnvFrom || env.length === 0) return [];
  const names = env.map(({ name }) => name).join(', ');
  return [
    `container ${printName(container.name)} has envFrom: ${names} would win over variables of the same name there`,
  ];
}

function addsSomething({ mounts, env }: ContainerPlan): boolean {
  return mounts.length > 0 || env.length > 0;
}

/** True where nothing is left to add: injecting twice changes nothing. */
export function isEmpty(plan: Plan): boolean {
  return plan.volumes.length === 0 && plan.containers.length === 0 && plan.record === undefined;
}
