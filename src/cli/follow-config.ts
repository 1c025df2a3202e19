import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { detectDrift, type ConfigDrift } from '../config/load.ts';
import type { ConfigFile } from './config-option.ts';
import { printProblem, type Problem } from '../problems/problem.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/** With what was read at the start, and is in force. */
export interface FollowConfigOptions extends ConfigFile {
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
  readonly drift: ConfigDrift;
}

/**
 * Follows the file of `--config`, and never takes anything from it: a program works to its end with what it was started
 * with, so that an edit that cannot be used changes nothing. Log and metrics tell of it, before the next start fails.
 */
export function followConfig(options: FollowConfigOptions): FollowedConfig {
  const followed = { drift: { kind: 'current' } as ConfigDrift };
  options.metrics.recordConfig({ problems: 0, isCurrent: true });
  void keepFollowing(options, followed);
  return followed;
}

async function keepFollowing(options: FollowConfigOptions, followed: { drift: ConfigDrift }): Promise<void> {
  const { file, text, everyMs = LOOK_EVERY_MS, stop } = options;
  let judged: Read = { text };
  let before: Read = judged;
  while (!stop.aborted) {
    await sleep(everyMs, undefined, { signal: stop, ref: false }).catch(() => undefined);
    const now = await read(file);
    // Read twice the same: an editor may be in the midst of writing. To judge it can take a good part of a second.
    const isNew = isSame(now, before) && !isSame(now, judged);
    before = now;
    if (!isNew) continue;
    judged = now;
    const drift = judge(now, options);
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

function judge(now: Read, { file, config }: FollowConfigOptions): ConfigDrift {
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
  const problems = drift.kind === 'invalid' ? drift.problems.length : 0;
  metrics.recordConfig({ problems, isCurrent: drift.kind === 'current' });
  switch (drift.kind) {
    case 'current':
      log.info('configuration is the one in force again', { path: file });
      break;
    case 'pending':
      log.info('configuration has changed, and is used from the next start', { path: file });
      break;
    case 'invalid':
      for (const problem of drift.problems.slice(0, MOST_LINES)) {
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
