import { INJECTED_RECORD } from '../annotations/table.ts';
import type { ContainerPlan, Plan } from './plan.ts';
import type { PodView } from './pod.ts';

/** The one JSON Patch operation (RFC 6902) that injection uses. */
export interface AddOperation {
  readonly op: 'add';
  readonly path: string;
  readonly value: unknown;
}

/**
 * The plan as JSON Patch, built, not diffed: its size follows what is added, and it cannot touch what is
 * there. A list that the pod lacks is added whole; to one it has, elements are appended.
 * @param root pointer of the pod in its document: empty for a Pod, `/spec/template` for a Deployment
 */
export function toPatch(plan: Plan, pod: PodView, root = ''): AddOperation[] {
  return [
    ...append(`${root}/spec/volumes`, pod.hasVolumes, plan.volumes),
    ...plan.containers.flatMap((container) => containerPatch(container, pod, root)),
    ...(plan.record === undefined
      ? []
      : [add(`${root}/metadata/annotations/${pointer(INJECTED_RECORD)}`, plan.record)]),
  ];
}

function containerPatch(plan: ContainerPlan, pod: PodView, root: string): AddOperation[] {
  const path = `${root}/spec/${plan.list}/${plan.index}`;
  const container = pod.containers.find(({ list, index }) => list === plan.list && index === plan.index);
  return [
    ...append(`${path}/env`, container?.hasEnv === true, plan.env),
    ...append(`${path}/volumeMounts`, container?.hasMounts === true, plan.mounts),
  ];
}

function append(path: string, exists: boolean, values: readonly unknown[]): AddOperation[] {
  if (values.length === 0) return [];
  return exists ? values.map((value) => add(`${path}/-`, value)) : [add(path, values)];
}

function add(path: string, value: unknown): AddOperation {
  return { op: 'add', path, value };
}

/** A key as a step of a JSON Pointer (RFC 6901). */
function pointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
