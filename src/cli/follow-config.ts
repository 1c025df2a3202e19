import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/schema.ts';
import { standingOf, type ConfigStanding } from '../config/standing.ts';
import { printProblem, type Problem } from '../problems/problem.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';

export interface FollowConfigOptions {
  readonly file: string;
  /** What was read from it at the start. */
  readonly inForce: Config;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'recordConfig'>;
  readonly stop: AbortSignal;
  readonly everyMs?: number;
}

/** A mounted ConfigMap follows an edit within a minute or two anyhow. */
const LOOK_EVERY_MS = 5_000;

/** A file can have thousands of problems; whoever mends it starts it, and is told all of them. */
const MOST_LINES = 20;

/** How the file of `--config` stands, looked at again and again until `stop`. */
export interface FollowedConfig {
  readonly standing: ConfigStanding;
}

/**
 * Follows the file of `--config`, and never takes anything from it: a program works to its end with what it was started
 * with, so that an edit that cannot be used changes nothing. Log and metrics tell of it, before the next start fails.
 */
export function followConfig(options: FollowConfigOptions): FollowedConfig {
  const followed = { standing: { kind: 'in-force' } as ConfigStanding };
  options.metrics.recordConfig({ problems: 0, isInForce: true });
  void keepFollowing(options, followed);
  return followed;
}

async function keepFollowing(
  options: FollowConfigOptions,
  followed: { standing: ConfigStanding },
): Promise<void> {
  const { everyMs = LOOK_EVERY_MS, metrics, stop } = options;
  let before: string | undefined;
  while (!stop.aborted) {
    await sleep(everyMs, undefined, { signal: stop, ref: false }).catch(() => undefined);
    const read = await readStanding(options);
    const now = JSON.stringify(read);
    // Read twice the same: an editor may be in the midst of writing.
    const isNew = now === before && now !== JSON.stringify(followed.standing);
    before = now;
    if (!isNew) continue;
    followed.standing = read;
    const problems = read.kind === 'unsound' ? read.problems.length : 0;
    metrics.recordConfig({ problems, isInForce: read.kind === 'in-force' });
    tell(options, read);
  }
}

async function readStanding({ file, inForce }: FollowConfigOptions): Promise<ConfigStanding> {
  try {
    return standingOf(inForce, await readFile(file, 'utf8'));
  } catch (error) {
    const found = error instanceof Error && 'code' in error ? String(error.code) : 'an error';
    const problem: Problem = {
      code: 'unreadable-config',
      where: file,
      found,
      expected: 'a file that can be read',
      fix: 'put the ConfigMap back',
    };
    return { kind: 'unsound', problems: [problem] };
  }
}

function tell({ file, log }: FollowConfigOptions, standing: ConfigStanding): void {
  switch (standing.kind) {
    case 'in-force':
      log.info('configuration is the one in force again', { path: file });
      break;
    case 'waiting':
      log.info('configuration has changed, and is used from the next start', { path: file });
      break;
    case 'unsound':
      for (const problem of standing.problems.slice(0, MOST_LINES)) {
        log.error('configuration has changed and cannot be used; the one before stays in force', {
          path: file,
          count: standing.problems.length,
          reason: problem.code,
          error: printProblem(problem),
        });
      }
      break;
  }
}
