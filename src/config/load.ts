import { isDeepStrictEqual } from 'node:util';
import type { NonEmpty, Problem } from '../problems/problem.ts';
import { checkConfig } from './check.ts';
import { configSchema, type Config } from './schema.ts';
import { schemaProblems } from './schema-problems.ts';
import { parseKubernetesYaml } from './yaml.ts';

export type LoadedConfig =
  | { readonly kind: 'valid'; readonly config: Config; readonly warnings: readonly Problem[] }
  | { readonly kind: 'invalid'; readonly problems: NonEmpty<Problem>; readonly warnings: readonly Problem[] };

/** The 1 MiB of a ConfigMap. */
const MAX_FILE_BYTES = 1_048_576;

/** Parses and checks config.yaml, and reports every problem at once. */
export function loadConfig(text: string): LoadedConfig {
  const read = readDocument(text);
  if ('problem' in read) return { kind: 'invalid', problems: [read.problem], warnings: [] };
  const parsed = configSchema.safeParse(read.value);
  const findings = checkConfig(read.value);
  const shape =
    parsed.error === undefined ? [] : schemaProblems(configSchema, read.value, parsed.error.issues);
  const problems = [...shape, ...findings.problems];
  if (parsed.success && problems.length === 0)
    return { kind: 'valid', config: parsed.data, warnings: findings.warnings };
  // A failed parse has at least one issue.
  return { kind: 'invalid', problems: problems as unknown as NonEmpty<Problem>, warnings: findings.warnings };
}

function readDocument(text: string): { value: unknown } | { problem: Problem } {
  const where = 'config.yaml';
  const expected = 'one YAML document';
  const unreadable = (found: string, fix: string): { problem: Problem } => ({
    problem: { code: 'unreadable-config', where, found, expected, fix },
  });
  const size = Buffer.byteLength(text);
  if (size > MAX_FILE_BYTES)
    return unreadable(`${size} bytes`, `keep it under ${MAX_FILE_BYTES} bytes, as much as a ConfigMap holds`);
  const documents = parseKubernetesYaml(text);
  const [document] = documents;
  if (document === undefined || documents.length > 1)
    return unreadable(`${documents.length} documents`, 'write one');
  const [error] = document.errors;
  if (error !== undefined) return unreadable(error.message.replace(/\n.*$/s, ''), 'correct the YAML there');
  try {
    return { value: document.toJS({ maxAliasCount: 100 }) };
  } catch (cause) {
    return unreadable((cause as Error).message, 'write the values without aliases');
  }
}

/** Drift of the file from the configuration that a running process was started with and keeps until its end. */
export type ConfigDrift =
  /** No drift. */
  | { readonly kind: 'current' }
  /** The file differs and is valid: it takes effect at the next start. */
  | { readonly kind: 'pending' }
  /** A process that started now would refuse the file. */
  | { readonly kind: 'invalid'; readonly problems: NonEmpty<Problem> };

/** Compares the current text of the file with the configuration of the running process. */
export function detectDrift(current: Config, text: string): ConfigDrift {
  const loaded = loadConfig(text);
  if (loaded.kind === 'invalid') return { kind: 'invalid', problems: loaded.problems };
  return { kind: isDeepStrictEqual(loaded.config, current) ? 'current' : 'pending' };
}
