import { readFile } from 'node:fs/promises';
import type { ConfigFile } from '../app/follow-config.ts';
import { loadConfig } from '../config/load.ts';
import { INJECTION_ENABLED, INJECTION_LABEL } from '../config/opt-in.ts';
import { printProblem } from '../problems/problem.ts';
import { LOG_LEVELS, type LogLevel } from '../telemetry/log.ts';
import { UsageError, type Arguments, type Option, type Io } from './command.ts';

export const HEALTH_PORT_OPTION: Option = {
  name: 'health-port',
  value: 'PORT',
  default: '8080',
  doc: 'port for /healthz, /readyz and /metrics, plain HTTP',
};

export const KUBECONFIG_OPTION: Option = {
  name: 'kubeconfig',
  value: 'FILE',
  doc: 'kubeconfig; by default that of the pod',
};

export const LOG_LEVEL_OPTION: Option = {
  name: 'log-level',
  value: 'LEVEL',
  choices: LOG_LEVELS,
  default: 'info',
  doc: `one of ${LOG_LEVELS.join(', ')}`,
};

export function readLogLevel(args: Arguments): LogLevel {
  // The choices of the option are the levels.
  return args.text(LOG_LEVEL_OPTION.name) as LogLevel;
}

export const LABELS_OPTION: Option = {
  name: 'namespace-labels',
  value: 'K=V,...',
  doc: `labels of the namespace, beside ${INJECTION_LABEL}=${INJECTION_ENABLED}`,
};

/** The labels of `--namespace-labels`; the namespace counts as opted in, where they do not say otherwise. */
export function readLabels(args: Arguments): Readonly<Record<string, string>> {
  const pairs = args
    .texts(LABELS_OPTION.name)
    .flatMap((list) => list.split(','))
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '');
  const labels = pairs.map((pair) => {
    const equals = pair.indexOf('=');
    if (equals < 1) throw new UsageError(`--${LABELS_OPTION.name}: found "${pair}"; expected KEY=VALUE`);
    return [pair.slice(0, equals), pair.slice(equals + 1)] as const;
  });
  return Object.fromEntries([[INJECTION_LABEL, INJECTION_ENABLED], ...labels]);
}

export const MAX_PORT = 65_535;

/** Reads flags of `command` whose values are whole numbers between two bounds. */
export function numbersOf(
  command: string,
  args: Arguments,
): (name: string, least: number, most: number) => number {
  return (name, least, most) => {
    const text = args.text(name) ?? '';
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new UsageError(
      `${command}: found --${name} "${text}"; expected a whole number from ${least} to ${most}`,
    );
  };
}

/** Where the chart mounts the configuration. */
export const CONFIG_OPTION: Option = {
  name: 'config',
  value: 'FILE',
  default: '/etc/tbot-injector/config.yaml',
  doc: 'configuration of the platform',
};

/** Reads the file of `--config`. Its warnings go to stderr. @throws UsageError with all its problems */
export async function readConfigFile(args: Arguments, io: Io): Promise<ConfigFile> {
  const file = args.text('config') ?? '';
  const text = await readText(file, '--config');
  const loaded = loadConfig(text);
  for (const warning of loaded.warnings) io.stderr(`${file}: warning: ${printProblem(warning)}\n`);
  if (loaded.kind === 'valid') return { file, text, config: loaded.config };
  const lines = loaded.problems.map((problem) => `\n  - ${printProblem(problem)}`);
  throw new UsageError(
    `${file} has ${lines.length === 1 ? 'a problem' : `${lines.length} problems`}:${lines.join('')}`,
  );
}

/** Reads a text file. @throws UsageError that names the flag */
export async function readText(file: string, flag: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'an error';
    throw new UsageError(`${flag}: found ${code} at ${file}; expected a file that can be read`, { cause });
  }
}
