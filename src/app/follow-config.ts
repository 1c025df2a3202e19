import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { detectDrift, type ConfigDrift } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { printProblem, type Problem } from '../problems/problem.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/** The configuration, and what it was read from. */
export interface ConfigFile {
  readonly file: string;
  readonly text: string;
  readonly config: Config;
}

/** With the file as it was read at the start: the configuration in force. */
export interface FollowConfigOptions extends ConfigFile {
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'configProblems' | 'configCurrent'>;
  readonly stop: AbortSignal;
  readonly everyMs?: number;
}

/** A mounted ConfigMap follows an edit within a minute or two anyhow. */
const CHECK_EVERY_MS = 5_000;

/** A file can have thousands of problems. The next start prints all of them. */
const MAX_LINES = 20;

/** How the file of `--config` differs from the configuration in force; kept current until `stop`. */
export interface FollowedConfig {
  readonly drift: ConfigDrift;
}

/**
 * Follows the file of `--config`, and never takes anything from it: a program works to its end with what it was started
 * with, so that an edit that cannot be used changes nothing. Log and metrics tell of it, before the next start fails.
 */
export function followConfig(options: FollowConfigOptions): FollowedConfig {
  const followed = { drift: { kind: 'current' } as ConfigDrift };
  options.metrics.configProblems.set(0);
  options.metrics.configCurrent.set(true);
  void keepFollowing(options, followed);
  return followed;
}

async function keepFollowing(options: FollowConfigOptions, followed: { drift: ConfigDrift }): Promise<void> {
  const { file, text, everyMs = CHECK_EVERY_MS, stop } = options;
  let checked: Read = { text };
  let before: Read = checked;
  while (!stop.aborted) {
    await sleep(everyMs, undefined, { signal: stop, ref: false }).catch(() => undefined);
    const now = await read(file);
    // Read twice the same: an editor may be in the midst of writing. A check can take a good part of a second.
    const isNew = isSame(now, before) && !isSame(now, checked);
    before = now;
    if (!isNew) continue;
    checked = now;
    const drift = check(now, options);
    if (isDeepStrictEqual(drift, followed.drift)) continue;
    followed.drift = drift;
    tell(options, drift);
  }
}

/** The text of the file, or why there is none. */
type Read = { readonly text: string } | { readonly code: string };

async function read(file: string): Promise<Read> {
  try {
    return { text: await readFile(file, 'utf8') };
  } catch (error) {
    return { code: error instanceof Error && 'code' in error ? String(error.code) : 'an error' };
  }
}

function isSame(a: Read, b: Read): boolean {
  return 'text' in a ? 'text' in b && a.text === b.text : 'code' in b && a.code === b.code;
}

function check(now: Read, { file, config }: FollowConfigOptions): ConfigDrift {
  if ('text' in now) return detectDrift(config, now.text);
  const problem: Problem = {
    code: 'unreadable-config',
    where: file,
    found: now.code,
    expected: 'a file that can be read',
    fix: 'put the ConfigMap back',
  };
  return { kind: 'invalid', problems: [problem] };
}

function tell({ file, log, metrics }: FollowConfigOptions, drift: ConfigDrift): void {
  metrics.configProblems.set(drift.kind === 'invalid' ? drift.problems.length : 0);
  metrics.configCurrent.set(drift.kind === 'current');
  switch (drift.kind) {
    case 'current':
      log.info('configuration is the one in force again', { path: file });
      break;
    case 'pending':
      log.info('configuration has changed, and is used from the next start', { path: file });
      break;
    case 'invalid':
      for (const problem of drift.problems.slice(0, MAX_LINES)) {
        log.error('configuration has changed and cannot be used; the one before stays in force', {
          path: file,
          count: drift.problems.length,
          reason: problem.code,
          error: printProblem(problem),
        });
      }
      break;
  }
}
