import { checkOutput } from '../teleport/check-output.ts';
import { placeholderProblems, type Findings } from '../teleport/field-checks.ts';
import { secretKeys } from '../teleport/output-keys.ts';
import { OUTPUT_TYPES } from '../teleport/output-types.ts';
import { oneOf, quote, type Problem } from '../problems/problem.ts';
import { validateMountPath } from './mount-path.ts';
import { entries, field } from './raw.ts';
import { defaultSecretName } from './schema.ts';

interface RawOutput {
  readonly at: string;
  readonly name: string;
  readonly value: unknown;
}

/** Checks the outputs of all bots: each one alone, then all together for duplicates. */
export function checkOutputs(
  bots: readonly (readonly [string, unknown])[],
  tbotVersion: string | undefined,
): Findings {
  const outputs = bots.flatMap(([bot, value]) =>
    entries(field(value, 'outputs')).map(([name, output]) => ({
      at: `bots.${bot}.outputs.${name}`,
      name,
      value: output,
    })),
  );
  const own = outputs.map((output) => checkOne(output, tbotVersion));
  const problems = [
    ...own.flatMap((findings) => findings.problems),
    ...duplicateProblems(outputs, 'output-name-twice', 'output name', (output) => output.name),
    ...duplicateProblems(outputs, 'secret-twice', 'secretName', secretNameOf),
  ];
  return { problems, warnings: own.flatMap((findings) => findings.warnings) };
}

function checkOne(output: RawOutput, tbotVersion: string | undefined): Findings {
  const fields = field(output.value, 'tbot');
  const at = `${output.at}.tbot`;
  const paths = [
    ...pathProblems(output),
    ...placeholderProblems(field(output.value, 'mountPath'), `${output.at}.mountPath`, []),
  ];
  // The schema reports a missing type.
  if (typeof field(fields, 'type') !== 'string' || field(fields, 'type') === '')
    return { problems: paths, warnings: [] };
  const findings = checkOutput(Object.fromEntries(entries(fields)), at, tbotVersion);
  return {
    problems: [...paths, ...findings.problems, ...placeholderProblems(fields, at)],
    warnings: [...findings.warnings, ...unknownSecretKeys(output)],
  };
}

function pathProblems(output: RawOutput): Problem[] {
  const path = field(output.value, 'mountPath');
  const expected = typeof path === 'string' && path !== '' ? validateMountPath(path) : undefined;
  if (expected === undefined) return [];
  return [
    {
      code: 'wrong-path',
      where: `${output.at}.mountPath`,
      found: quote(path),
      expected,
      fix: 'correct mountPath',
    },
  ];
}

/** A pod would wait for a key that is never written. It is only a warning, for a new tbot may write new keys. */
function unknownSecretKeys(output: RawOutput): Problem[] {
  const fields = Object.fromEntries(entries(field(output.value, 'tbot')));
  const type = OUTPUT_TYPES.get(String(fields['type']));
  if (type === undefined) return [];
  const keys = secretKeys(type, fields);
  const known = [...keys.required, ...keys.optional];
  return entries(field(output.value, 'requiredKeys')).flatMap(([index, key]) => {
    if (typeof key !== 'string' || known.includes(key)) return [];
    const where = `${output.at}.requiredKeys[${index}]`;
    const found = `${quote(key)}, which ${type.type} is not known to write: pods would wait for it`;
    return [{ code: 'unknown-secret-key', where, found, expected: oneOf(known), fix: 'check the spelling' }];
  });
}

function secretNameOf(output: RawOutput): string | undefined {
  const name = field(output.value, 'secretName');
  if (name === undefined || name === null) return defaultSecretName(output.name);
  return typeof name === 'string' ? name : undefined;
}

/** tbot has no locking: two outputs in one Secret would overwrite each other's credentials. */
function duplicateProblems(
  outputs: readonly RawOutput[],
  code: string,
  what: string,
  nameOf: (output: RawOutput) => string | undefined,
): Problem[] {
  const first = new Map<string, RawOutput>();
  return outputs.flatMap((output) => {
    const name = nameOf(output);
    const other = name === undefined ? undefined : first.get(name);
    if (name !== undefined && other === undefined) first.set(name, output);
    if (other === undefined) return [];
    const found = `${what} ${quote(name)}, which ${other.at} has too`;
    return [{ code, where: output.at, found, expected: `its own ${what}`, fix: `choose another ${what}` }];
  });
}
