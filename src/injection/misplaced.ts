import { PREFIX } from '../config/opt-in.ts';
import { INJECTED_RECORD } from '../annotations/table.ts';
import { entries, field } from '../config/raw.ts';

/**
 * A warning where annotations of ours stand on the workload itself: only those of its pod template reach pods.
 * @param path where the workload keeps its pod template, as podPath tells
 */
export function misplacedAnnotations(workload: unknown, path: readonly string[]): string[] {
  if (path.length === 0) return [];
  const keys = entries(field(field(workload, 'metadata'), 'annotations')).map(([key]) => key);
  const ours = keys.filter((key) => key.startsWith(PREFIX) && key !== INJECTED_RECORD);
  if (ours.length === 0) return [];
  const kind = String(field(workload, 'kind'));
  return [
    `${ours.join(', ')} on the ${kind} itself has no effect: move it to ${path.join('.')}.metadata.annotations`,
  ];
}
