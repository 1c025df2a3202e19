import { RESTART_EVERY } from '../annotations/table.ts';
import { PREFIX } from '../config/opt-in.ts';
import { notGranted } from '../grants/not-granted.ts';
import type { Problem } from '../problems/problem.ts';
import { printDuration } from '../teleport/duration.ts';
import { LEAST_INTERVAL_MS, readInterval } from './interval.ts';
import type { Lifetime, LifetimeOf } from './lifetimes.ts';
import { outputsOf, type RestartableWorkload } from './workload.ts';

/**
 * Why a workload is not restarted, as far as that does not also stop its pods: those are refused by the webhook itself.
 * @param granted the outputs of its namespace, by name
 */
export function intervalProblems(
  workload: RestartableWorkload,
  lifetimeOf: LifetimeOf,
  granted: Pick<ReadonlyMap<string, unknown>, 'has'>,
): readonly Problem[] {
  const interval = readInterval(workload.every);
  const outputs = outputsOf(workload).filter((output) => granted.has(output));
  return [
    ...(interval.kind === 'problem'
      ? [interval.problem]
      : lifetimeProblems(interval.ms, outputs, lifetimeOf)),
    ...(workload.waitsForDeletion ? [onDelete(workload)] : []),
    ...(asksForNothing(workload) ? [nothingToRenew()] : []),
  ];
}

/** Everything that keeps a workload from being restarted; to restart one whose pods are refused would take them away. */
export function refusals(
  workload: RestartableWorkload,
  lifetimeOf: LifetimeOf,
  granted: ReadonlyMap<string, unknown>,
): readonly Problem[] {
  const unknown = outputsOf(workload).filter((output) => !granted.has(output));
  return [
    ...intervalProblems(workload, lifetimeOf, granted),
    ...(workload.ask.kind === 'nothing' ? [] : workload.ask.problems),
    ...unknown.map((output, index) => notGranted(output, granted, workload.namespace, index)),
  ];
}

function asksForNothing({ ask }: RestartableWorkload): boolean {
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

function onDelete({ kind }: RestartableWorkload): Problem {
  return {
    code: 'restarts-by-hand',
    where: 'spec.updateStrategy.type',
    found: `OnDelete, with which the pods of a ${kind} do not restart by themselves`,
    expected: 'RollingUpdate',
    fix: `set type: RollingUpdate, or remove ${RESTART_EVERY} and delete the pods yourself`,
  };
}

/** What the configuration takes; src/teleport/bot-fields.ts. */
const LONGEST_TTL_MS = 24 * 3_600_000;

/** A pod may have read its credential just before it was renewed: that one has to last until the next restart. */
function lifetimeProblems(
  intervalMs: number,
  outputs: readonly string[],
  lifetimeOf: LifetimeOf,
): readonly Problem[] {
  const short = new Map<string, Lifetime & { readonly outputs: string[] }>();
  for (const output of new Set(outputs)) {
    const lifetime = lifetimeOf(output);
    if (lifetime === undefined || intervalMs + lifetime.freshness.renewalMs <= lifetime.freshness.ttlMs)
      continue;
    const { outputs: others } = short.get(lifetime.at) ?? { outputs: [] };
    short.set(lifetime.at, { ...lifetime, outputs: [...others, output] });
  }
  return [...short.values()].map((each) => tooShort(intervalMs, each));
}

function tooShort(
  intervalMs: number,
  { outputs, at, freshness: { ttlMs, renewalMs } }: Lifetime & { readonly outputs: readonly string[] },
): Problem {
  const [interval, ttl, renewal] = [intervalMs, ttlMs, renewalMs].map(printDuration);
  const needed = intervalMs + renewalMs;
  return {
    code: 'ttl-too-short',
    where: RESTART_EVERY,
    found: `${interval}, and credentials of ${outputs.join(', ')} that live ${ttl} and are renewed every ${renewal}`,
    expected: `a credential_ttl of at least ${printDuration(needed)}: the interval, and one renewal_interval`,
    fix: lifetimeFix(needed, at, renewalMs),
  };
}

function lifetimeFix(neededMs: number, at: string, renewalMs: number): string {
  if (neededMs <= LONGEST_TTL_MS) return `set ${at}.credential_ttl: ${printDuration(neededMs)} or more`;
  const longest = `set ${at}.credential_ttl: ${printDuration(LONGEST_TTL_MS)}, which is the most`;
  const left = LONGEST_TTL_MS - renewalMs;
  return left < LEAST_INTERVAL_MS
    ? `${longest}, and a renewal_interval such as 1h`
    : `${longest}, and ${RESTART_EVERY} to ${printDuration(left)} or less`;
}
