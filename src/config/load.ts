import type { NonEmpty, Problem } from '../problems/problem.ts';
import { checkConfig } from './check.ts';
import { configSchema, type Config } from './schema.ts';
import { schemaProblems } from './schema-problems.ts';
import { parseKubernetesYaml } from './yaml.ts';

export type LoadedConfig =
  | { readonly kind: 'valid'; readonly config: Config; readonly warnings: readonly Problem[] }
  | { readonly kind: 'invalid'; readonly problems: NonEmpty<Problem>; readonly warnings: readonly Problem[] };

/** A ConfigMap holds no more (1 MiB). */
const LARGEST_CONFIG = 1_048_576;

/** Reads and checks the whole of config.yaml; every problem is reported at once. */
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
  // A parse that failed has at least one issue.
  return { kind: 'invalid', problems: problems as unknown as NonEmpty<Problem>, warnings: findings.warnings };
}

function readDocument(text: string): { value: unknown } | { problem: Problem } {
  const where = 'config.yaml';
  const expected = 'one YAML document';
  const fault = (found: string, fix: string): { problem: Problem } => ({
    problem: { code: 'unreadable-config', where, found, expected, fix },
  });
  const size = Buffer.byteLength(text);
  if (size > LARGEST_CONFIG)
    return fault(`${size} bytes`, `keep it under ${LARGEST_CONFIG} bytes, as much as a ConfigMap holds`);
  const documents = parseKubernetesYaml(text);
  const [document] = documents;
  if (document === undefined || documents.length > 1)
    return fault(`${documents.length} documents`, 'write one');
  const [error] = document.errors;
  if (error !== undefined) return fault(error.message.replace(/\n.*$/s, ''), 'correct the YAML there');
  try {
    return { value: document.toJS({ maxAliasCount: 100 }) };
  } catch (cause) {
    return fault((cause as Error).message, 'write the values without aliases');
  }
}
