import { field } from '../config/raw.ts';
import type { Config } from '../config/schema.ts';
import { createGrants } from '../grants/grants.ts';
import { decideInjection, hasItsOutputs } from '../injection/decide.ts';
import { misplacedAnnotations } from '../injection/workloads.ts';
import { toPatch, type AddOperation } from '../injection/patch.ts';
import { readManifests, type Manifest, type ManifestPod } from '../manifests/manifest.ts';
import { printProblem } from '../problems/problem.ts';
import { restartWarnings } from '../restarts/restart-problems.ts';
import { UsageError } from './command.ts';

/** What becomes of one object. */
interface OfflineDecision {
  readonly refused: boolean;
  readonly patch: readonly AddOperation[];
  readonly messages: readonly string[];
}

export type OfflineDecider = (workload: ManifestPod) => OfflineDecision;

/** Decides without a cluster: every namespace has the given labels. */
export function createOfflineDecider(
  config: Config,
  defaultNamespace: string,
  labels: Readonly<Record<string, string>>,
): OfflineDecider {
  const grantsIn = createGrants(config);
  return ({ object, pod, podPath, pointer }) => {
    const namespace = { name: textAt(object, 'namespace') ?? defaultNamespace, labels };
    const outcome = decideInjection(pod, { config, namespace, grants: grantsIn(namespace) });
    const misplaced = [
      ...misplacedAnnotations(object, podPath),
      ...restartWarnings(object, config, hasItsOutputs(outcome)),
    ].map((warning) => `warning: ${warning}`);
    if (outcome.kind === 'refuse') {
      const refusals = outcome.problems.map((problem) => `refused: ${printProblem(problem)}`);
      return { refused: true, patch: [], messages: [...misplaced, ...refusals] };
    }
    const patch = outcome.kind === 'inject' ? toPatch(outcome.plan, outcome.pod, pointer) : [];
    const warnings = outcome.warnings.map((warning) => `warning: ${warning}`);
    return { refused: false, patch, messages: [...misplaced, ...warnings] };
  };
}

/** A document and what is added to it. */
export interface InjectedManifest {
  readonly manifest: Manifest;
  readonly patch: readonly AddOperation[];
}

export interface InjectedFile {
  readonly name: string;
  readonly manifests: readonly InjectedManifest[];
  /** What follows the last document. */
  readonly rest: string;
  readonly refused: boolean;
  readonly messages: readonly string[];
}

/** Injects every object of a file. @throws UsageError where it is neither YAML nor JSON */
export function injectFile(name: string, text: string, decide: OfflineDecider): InjectedFile {
  const read = readManifests(text);
  if (read.kind === 'unreadable')
    throw new UsageError(`inject: ${name}: found ${read.reason}; expected YAML or JSON`);
  const decided = read.manifests.map((manifest) => ({
    manifest,
    workloads: manifest.pods.map((workload) => ({ object: workload.object, ...decide(workload) })),
  }));
  const all = decided.flatMap(({ workloads }) => workloads);
  return {
    name,
    manifests: decided.map(({ manifest, workloads }) => ({
      manifest,
      patch: workloads.flatMap(({ patch }) => patch),
    })),
    rest: read.rest,
    refused: all.some(({ refused }) => refused),
    messages: all.flatMap(({ object, messages }) =>
      messages.map((message) => `${name}: ${nameOf(object)}: ${message}`),
    ),
  };
}

/** `Deployment payments/app`, as far as it is known. */
function nameOf(object: unknown): string {
  const name = textAt(object, 'name') ?? textAt(object, 'generateName') ?? '(no name)';
  const namespace = textAt(object, 'namespace');
  return `${String(field(object, 'kind'))} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

function textAt(object: unknown, name: string): string | undefined {
  const value = field(field(object, 'metadata'), name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
