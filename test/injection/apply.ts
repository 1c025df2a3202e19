import jsonpatch, { type Operation } from 'fast-json-patch';
import { INJECTED_RECORD } from '../../src/annotations/table.ts';
import type { AddOperation } from '../../src/injection/patch.ts';
import type { Plan } from '../../src/injection/plan.ts';

/** Copies a value by JSON, which keeps keys such as `__proto__`. */
function copy(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}

/** Applies the patch with a library. */
export function applyPatch(object: unknown, patch: readonly AddOperation[]): unknown {
  return jsonpatch.applyPatch(copy(object), copy(patch) as Operation[], true).newDocument;
}

type Loose = Record<string, unknown>;

/** Applies the plan directly, without src/injection/patch.ts. */
export function applyPlan(object: unknown, plan: Plan): unknown {
  const pod = copy(object) as { metadata: { annotations: Loose }; spec: Loose & Record<string, Loose[]> };
  append(pod.spec, 'volumes', plan.volumes);
  for (const { list, index, env, mounts } of plan.containers) {
    const container = pod.spec[list]?.[index];
    if (container === undefined)
      throw new Error(`the plan names ${list}[${index}], which the pod does not have`);
    append(container, 'env', env);
    append(container, 'volumeMounts', mounts);
  }
  if (plan.record !== undefined) pod.metadata.annotations[INJECTED_RECORD] = plan.record;
  return pod;
}

function append(owner: Loose, key: string, values: readonly unknown[]): void {
  if (values.length > 0) owner[key] = [...((owner[key] as unknown[] | null | undefined) ?? []), ...values];
}
