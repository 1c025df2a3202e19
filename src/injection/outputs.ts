import { PREFIX } from '../config/opt-in.ts';
import type { Ask } from '../annotations/parse.ts';
import type { Config } from '../config/schema.ts';
import type { Grants } from '../grants/grants.ts';
import { notGranted } from '../grants/grants.ts';
import type { GrantedOutput } from '../grants/output.ts';
import type { Problem } from '../problems/problem.ts';
import type { AttachmentResult, EnvVar, KeyToPath, Volume } from './plan.ts';
import type { ContainerView, PodView } from './pod.ts';

const WHERE = `${PREFIX}outputs`;

/** The attachments of granted outputs, and a problem for each other one. */
export function attachOutputs(
  ask: Ask,
  grants: Grants,
  namespace: string,
  pod: PodView,
  containers: ReadonlySet<ContainerView>,
): AttachmentResult {
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
      hasFixedPath: false,
      env: environment(output, path, ambiguous),
      warning,
      containers,
      pathFix: `choose another path with ${WHERE}: "${output.name}=/path"`,
    };
  });
  return { attachments, problems, warnings: [...warnings] };
}

/** Variables that several outputs offer, with the names of those outputs. */
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
      value: escapeReferences('text' in value ? value.text : `${path}/${value.file}`),
    }));
}

/** The kubelet expands `$(NAME)` in values; in a path it is literal text. */
function escapeReferences(value: string): string {
  return value.replaceAll('$(', () => '$$(');
}

/**
 * A container waits until all keys in the `items` of its Secret volume exist. Keys that may never exist are a second,
 * optional source, which needs a projected volume.
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

/**
 * The mode of an output's files; undefined: the API server's default. Tools such as psql and ssh refuse a private key
 * that others can read, and root owns the files of a Secret: only fsGroup makes a key private and readable for another
 * user.
 */
export function fileMode(
  output: GrantedOutput,
  pod: PodView,
  containers: ReadonlySet<ContainerView>,
): { readonly mode: number | undefined; readonly warning: string | undefined } {
  if (output.defaultMode !== undefined) return { mode: output.defaultMode, warning: undefined };
  // Windows has no such modes.
  if (pod.os === 'windows') return { mode: undefined, warning: undefined };
  if (pod.fsGroup !== undefined) return { mode: 0o440, warning: undefined };
  if ([...containers].every(({ runAsUser }) => runAsUser === 0)) return { mode: 0o400, warning: undefined };
  const warning = output.holdsPrivateKey
    ? `output ${output.name}: its private key is readable by every user of the container (mode 0444), which psql and ssh refuse; set spec.securityContext.fsGroup`
    : undefined;
  return { mode: 0o444, warning };
}

/** Requested outputs that tbot has never written: the pod waits for them with a warning, or is refused, as configured. */
export function checkUnwritten(
  ask: Ask,
  unwritten: ReadonlySet<string>,
  namespace: string,
  { onMissingCredential }: Config['injection'],
): { readonly problems: readonly Problem[]; readonly warnings: readonly string[] } {
  const missing = ask.outputs.filter(({ name }) => unwritten.has(name));
  if (onMissingCredential === 'refuse') {
    return { problems: missing.map(({ name }) => unwrittenProblem(name, namespace)), warnings: [] };
  }
  return {
    problems: [],
    warnings: missing.map(
      ({ name }) => `${name} has not been written in ${namespace} yet: the pod will wait for it`,
    ),
  };
}

function unwrittenProblem(name: string, namespace: string): Problem {
  return {
    code: 'credential-missing',
    where: `${PREFIX}outputs`,
    found: `${name}, which has not been written in ${namespace} yet`,
    expected: 'a credential that the pod can start with',
    fix: 'create the pod again in a minute; if it lasts, look at the Events of the namespace',
  };
}
