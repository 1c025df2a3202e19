import { INJECTED_RECORD, RESTART_EVERY, RESTARTABLE_KINDS } from '../annotations/table.ts';
import { PREFIX } from '../config/opt-in.ts';
import { entries, field } from '../config/raw.ts';
import { oneOf } from '../problems/problem.ts';

/**
 * A warning where annotations of ours stand on the workload itself: only those of its pod template reach pods. The one
 * that asks for restarts belongs there, if the workload can be restarted.
 * @param path where the workload keeps its pod template, as podPath tells
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
