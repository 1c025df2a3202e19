import { INJECTED_RECORD, RESTART_EVERY, RESTARTABLE_KINDS } from '../annotations/table.ts';
import { PREFIX } from '../config/opt-in.ts';
import { entries, field } from '../config/raw.ts';
import { oneOf } from '../problems/problem.ts';

/** Path to the pod or pod template in each kind; empty for the pod itself. */
const POD_PATHS: ReadonlyMap<string, readonly string[]> = new Map([
  ['v1/Pod', []],
  ['apps/v1/Deployment', ['spec', 'template']],
  ['apps/v1/StatefulSet', ['spec', 'template']],
  ['apps/v1/DaemonSet', ['spec', 'template']],
  ['apps/v1/ReplicaSet', ['spec', 'template']],
  ['batch/v1/Job', ['spec', 'template']],
  ['batch/v1/CronJob', ['spec', 'jobTemplate', 'spec', 'template']],
]);

/** Path to the pod or pod template in an object of this kind; undefined: the kind is unknown or has none. */
export function podPath(apiVersion: unknown, kind: unknown): readonly string[] | undefined {
  return typeof apiVersion === 'string' && typeof kind === 'string'
    ? POD_PATHS.get(`${apiVersion}/${kind}`)
    : undefined;
}

/**
 * Warnings for annotations of ours on the workload itself: only those of its pod template get to pods. The annotation
 * for restarts is right there, if the kind can be restarted.
 * @param path path to the pod template, as {@link podPath} returns it
 */
export function misplacedAnnotations(workload: unknown, path: readonly string[]): string[] {
  if (path.length === 0) return [];
  const keys = entries(field(field(workload, 'metadata'), 'annotations')).map(([key]) => key);
  const ours = keys.filter(
    (key) => key.startsWith(PREFIX) && key !== INJECTED_RECORD && key !== RESTART_EVERY,
  );
  const kind = String(field(workload, 'kind'));
  const warnings: string[] = [];
  if (ours.length > 0) {
    warnings.push(
      `${ours.join(', ')} on the ${kind} itself has no effect: move it to ${path.join('.')}.metadata.annotations`,
    );
  }
  if (keys.includes(RESTART_EVERY) && !RESTARTABLE_KINDS.some((each) => each === kind)) {
    warnings.push(
      `${RESTART_EVERY} has no effect on a ${kind}: remove it; what can be restarted is a ${oneOf(RESTARTABLE_KINDS)}`,
    );
  }
  return warnings;
}
