import { readFile } from 'node:fs/promises';
import type { ConfigFile } from '../app/follow-config.ts';
import { loadConfig } from '../config/load.ts';
import { printProblem } from '../problems/problem.ts';
import { UsageError, type Arguments, type Io, type Option } from './command.ts';

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
