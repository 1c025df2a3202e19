import { RESTART_EVERY } from '../annotations/table.ts';
import { PREFIX } from '../config/opt-in.ts';
import type { Config } from '../config/schema.ts';
import { readLifetime, type CredentialLifetime } from '../credentials/health.ts';
import { notGranted } from '../grants/grants.ts';
import { printProblem, type Problem } from '../problems/problem.ts';
import { printDuration } from '../teleport/duration.ts';
import {
  MIN_INTERVAL_MS,
  parseInterval,
  readWorkload,
  requestedOutputs,
  restartableKind,
  type RestartableWorkload,
} from './workload.ts';

/** The lifetime of an output's credentials. */
export interface OutputLifetime {
  /** Where the configuration sets it, such as `bots.a.tbot`. */
  readonly path: string;
  readonly lifetime: CredentialLifetime;
}

/** By the name of the output; undefined: there is no such output. */
export type LifetimeLookup = (output: string) => OutputLifetime | undefined;

/** Indexes the lifetimes once, for there may be thousands of outputs, and of workloads that use them. */
export function createLifetimeLookup(bots: Config['bots']): LifetimeLookup {
  const declared = new Map(
    Object.entries(bots).flatMap(([bot, { tbot, outputs }]) =>
      Object.entries(outputs).map(([output, { tbot: own }]) => [output, { bot, tbot, own }] as const),
    ),
  );
  return (output) => {
    const found = declared.get(output);
    if (found === undefined) return undefined;
    const { bot, tbot, own } = found;
    const isOwn = 'credential_ttl' in own || 'renewal_interval' in own;
    const path = isOwn ? `bots.${bot}.outputs.${output}.tbot` : `bots.${bot}.tbot`;
    return { path, lifetime: readLifetime(tbot, own) };
  };
}

/**
 * Everything that prevents a restart. A workload whose new pods the webhook would refuse is not restarted: it would lose
 * its pods.
 * @param granted the outputs of its namespace, by name
 */
export function restartProblems(
  workload: RestartableWorkload,
  lifetimeOf: LifetimeLookup,
  granted: ReadonlyMap<string, unknown>,
): readonly Problem[] {
  const unknown = requestedOutputs(workload).filter((output) => !granted.has(output));
  return [
    ...workloadProblems(workload, lifetimeOf, granted),
    ...(workload.ask.kind === 'nothing' ? [] : workload.ask.problems),
    ...unknown.map((output, index) => notGranted(output, granted, workload.namespace, index)),
  ];
}

/**
 * Warnings at `kubectl apply` of a workload that will not be restarted; none where it does not ask for restarts.
 * @param isGranted whether its namespace has all outputs that its pods ask for: the warnings must not name outputs of others
 */
export function restartWarnings(
  object: unknown,
  { bots }: Pick<Config, 'bots'>,
  isGranted: boolean,
): readonly string[] {
  const kind = restartableKind(object);
  const workload = kind === undefined ? undefined : readWorkload(object, kind);
  if (workload === undefined) return [];
  const granted = new Set(isGranted ? requestedOutputs(workload) : []);
  return workloadProblems(workload, createLifetimeLookup(bots), granted).map(
    (problem) => `this ${workload.kind} will not be restarted: ${printProblem(problem)}`,
  );
}

/**
 * Why a workload is not restarted, without what is wrong with its pod template: the webhook refuses those pods itself.
 * @param granted the outputs of its namespace, by name
 */
export function workloadProblems(
  workload: RestartableWorkload,
  lifetimeOf: LifetimeLookup,
  granted: Pick<ReadonlyMap<string, unknown>, 'has'>,
): readonly Problem[] {
  const interval = parseInterval(workload.every);
  const outputs = requestedOutputs(workload).filter((output) => granted.has(output));
  return [
    ...(interval.kind === 'problem'
      ? [interval.problem]
      : lifetimeProblems(interval.ms, outputs, lifetimeOf)),
    ...(workload.updatesOnDelete ? [restartsByHand(workload)] : []),
    ...(requestsNothing(workload) ? [nothingToRenew()] : []),
  ];
}

function requestsNothing({ ask }: RestartableWorkload): boolean {
  return ask.kind === 'nothing' || (ask.ask.outputs.length === 0 && ask.problems.length === 0);
}

function nothingToRenew(): Problem {
  return {
    code: 'nothing-to-renew',
    where: RESTART_EVERY,
    found: `no ${PREFIX}outputs on the pod template`,
    expected: 'credentials that a restart would renew',
    fix: `put ${PREFIX}outputs on spec.template.metadata.annotations, or remove ${RESTART_EVERY}`,
  };
}

function restartsByHand({ kind }: RestartableWorkload): Problem {
  return {
    code: 'restarts-by-hand',
    where: 'spec.updateStrategy.type',
    found: `OnDelete, with which the pods of a ${kind} do not restart by themselves`,
    expected: 'RollingUpdate',
    fix: `set type: RollingUpdate, or remove ${RESTART_EVERY} and delete the pods yourself`,
  };
}

/** The limit of src/teleport/bot-fields.ts. */
const MAX_TTL_MS = 24 * 3_600_000;

/** A pod may have read its credential just before a renewal: it needs that one until the next restart. */
function lifetimeProblems(
  intervalMs: number,
  outputs: readonly string[],
  lifetimeOf: LifetimeLookup,
): readonly Problem[] {
  const tooShort = new Map<string, OutputLifetime & { readonly outputs: string[] }>();
  for (const output of new Set(outputs)) {
    const found = lifetimeOf(output);
    if (found === undefined || intervalMs + found.lifetime.renewalMs <= found.lifetime.ttlMs) continue;
    const { outputs: others } = tooShort.get(found.path) ?? { outputs: [] };
    tooShort.set(found.path, { ...found, outputs: [...others, output] });
  }
  return [...tooShort.values()].map((each) => ttlTooShort(intervalMs, each));
}

function ttlTooShort(
  intervalMs: number,
  { outputs, path, lifetime: { ttlMs, renewalMs } }: OutputLifetime & { readonly outputs: readonly string[] },
): Problem {
  const [interval, ttl, renewal] = [intervalMs, ttlMs, renewalMs].map(printDuration);
  const needed = intervalMs + renewalMs;
  return {
    code: 'ttl-too-short',
    where: RESTART_EVERY,
    found: `${interval}, and credentials of ${outputs.join(', ')} that live ${ttl} and are renewed every ${renewal}`,
    expected: `a credential_ttl of at least ${printDuration(needed)}: the interval, and one renewal_interval`,
    fix: lifetimeFix(needed, path, renewalMs),
  };
}

function lifetimeFix(neededMs: number, path: string, renewalMs: number): string {
  if (neededMs <= MAX_TTL_MS) return `set ${path}.credential_ttl: ${printDuration(neededMs)} or more`;
  const longest = `set ${path}.credential_ttl: ${printDuration(MAX_TTL_MS)}, which is the most`;
  const maxIntervalMs = MAX_TTL_MS - renewalMs;
  return maxIntervalMs < MIN_INTERVAL_MS
    ? `${longest}, and a renewal_interval such as 1h`
    : `${longest}, and ${RESTART_EVERY} to ${printDuration(maxIntervalMs)} or less`;
}
