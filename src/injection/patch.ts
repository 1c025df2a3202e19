import { INJECTED_RECORD } from '../annotations/table.ts';
import type { ContainerPlan, Plan } from './plan.ts';
import type { ContainerView, PodView } from './pod.ts';

/** The one JSON Patch operation (RFC 6902) that injection uses. */
export interface AddOperation {
  readonly op: 'add';
  readonly path: string;
  readonly value: unknown;
}

/**
 * Builds the JSON Patch of a plan. It is not a diff, so its size depends on what is added, and it cannot change existing
 * fields. A missing list is added as a whole; elements are appended to an existing one.
 * @param root JSON Pointer of the pod in its document: empty for a Pod, `/spec/template` for a Deployment
 */
export function toPatch(plan: Plan, pod: PodView, root = ''): AddOperation[] {
  const views = new Map(pod.containers.map((view) => [`${view.list}/${view.index}`, view]));
  return [
    ...append(`${root}/spec/volumes`, pod.hasVolumes, plan.volumes),
    ...plan.containers.flatMap((container) => {
      const at = `${container.list}/${container.index}`;
      return containerPatch(container, views.get(at), `${root}/spec/${at}`);
    }),
    ...(plan.record === undefined
      ? []
      : [add(`${root}/metadata/annotations/${escapePointer(INJECTED_RECORD)}`, plan.record)]),
  ];
}

function containerPatch(
  plan: ContainerPlan,
  container: ContainerView | undefined,
  path: string,
): AddOperation[] {
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

/** Escapes a key for a JSON Pointer (RFC 6901). */
function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
