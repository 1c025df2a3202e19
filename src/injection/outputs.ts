import { PREFIX } from '../config/opt-in.ts';
import type { Ask } from '../annotations/parse.ts';
import type { Grants } from '../grants/grants.ts';
import { notGranted } from '../grants/grants.ts';
import type { GrantedOutput } from '../grants/output.ts';
import type { Problem } from '../problems/problem.ts';
import type { Attachment } from './attachment.ts';
import { fileMode } from './file-mode.ts';
import type { EnvVar, KeyToPath, Volume } from './plan.ts';
import type { ContainerView, PodView } from './pod.ts';

export interface Attached {
  readonly attachments: readonly Attachment[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

const WHERE = `${PREFIX}outputs`;

/** The outputs that are asked for and granted, as attachments; the others as problems. */
export function attachOutputs(
  ask: Ask,
  grants: Grants,
  namespace: string,
  pod: PodView,
  containers: ReadonlySet<ContainerView>,
): Attached {
  const desired: { readonly output: GrantedOutput; readonly path: string }[] = [];
  const problems: Problem[] = [];
  for (const item of ask.outputs) {
    const output = grants.get(item.name);
    if (output === undefined) problems.push(notGranted(item.name, grants, namespace, problems.length));
    else desired.push({ output, path: item.path ?? output.mountPath });
  }
  const warnings = new Set<string>();
  const ambiguous = ambiguousEnv(desired.map(({ output }) => output));
  for (const [name, outputs] of ambiguous)
    warnings.add(`${name} is not set: outputs ${outputs.join(' and ')} each offer it`);
  const attachments = desired.map(({ output, path }) => {
    const { mode, warning } = fileMode(output, pod, containers);
    return {
      from: `${WHERE} (${output.name})`,
      volume: secretVolume(output, mode),
      mountPath: path,
      isFixed: false,
      env: environment(output, path, ambiguous),
      warning,
      containers,
      pathFix: `choose another path with ${WHERE}: "${output.name}=/path"`,
    };
  });
  return { attachments, problems, warnings: [...warnings] };
}

/** Variables that more than one of the outputs offers, with those outputs. */
function ambiguousEnv(outputs: readonly GrantedOutput[]): ReadonlyMap<string, readonly string[]> {
  const offers = Map.groupBy(
    outputs.flatMap((output) => output.env.map(({ name }) => ({ name, output: output.name }))),
    ({ name }) => name,
  );
  const several = [...offers].filter(([, list]) => list.length > 1);
  return new Map(several.map(([name, list]) => [name, list.map(({ output }) => output)]));
}

function environment(output: GrantedOutput, path: string, ambiguous: ReadonlyMap<string, unknown>): EnvVar[] {
  return output.env
    .filter(({ name }) => !ambiguous.has(name))
    .map(({ name, value }) => ({
      name,
      value: literal('text' in value ? value.text : `${path}/${value.file}`),
    }));
}

/** The kubelet expands `$(NAME)` in values; a path that holds one means it as it stands. */
function literal(value: string): string {
  return value.replaceAll('$(', () => '$$(');
}

/**
 * A Secret volume that names its keys keeps the container waiting until all of them exist. Keys that may never
 * come are a second, optional source, for which the volume has to be a projected one.
 */
function secretVolume(output: GrantedOutput, mode: number | undefined): Volume {
  const defaultMode = mode === undefined ? {} : { defaultMode: mode };
  const name = output.volumeName;
  const items = toItems(output.requiredKeys);
  if (output.optionalKeys.length === 0) {
    return { name, secret: { secretName: output.secretName, items, optional: false, ...defaultMode } };
  }
  const optional = toItems(output.optionalKeys);
  const sources = [
    { secret: { name: output.secretName, items, optional: false } },
    { secret: { name: output.secretName, items: optional, optional: true } },
  ];
  return { name, projected: { sources, ...defaultMode } };
}

function toItems(keys: readonly string[]): KeyToPath[] {
  return keys.map((key) => ({ key, path: key }));
}
