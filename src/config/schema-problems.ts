import type { z } from 'zod';
import { closest } from '../problems/closest.ts';
import { oneOf, quote, type NonEmpty, type Problem } from '../problems/problem.ts';
import { bare, schemaAt, type Definition, type Path } from './schema-path.ts';

type Issue = z.core.$ZodIssue;

/** Zod's issues as problems: the value found, the schema's own text as what was expected, an example as fix. */
export function schemaProblems(
  schema: z.ZodType,
  value: unknown,
  issues: readonly Issue[],
  at: Path = [],
): Problem[] {
  return issues.flatMap((issue) => {
    const path = [...at, ...issue.path];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => unknownKey(knownKeys(schema, issue.path), [...path, key]));
    }
    const found = valueAt(value, issue.path);
    if (issue.code === 'invalid_key') {
      return [wrongName(issue, path), ...valueUnderWrongName(schema, issue, found, path)];
    }
    return [wrongValue(schemaAt(schema, issue.path), issue, found, path)];
  });
}

function unknownKey(known: readonly string[], path: Path): Problem {
  const name = String(path.at(-1));
  const near = closest(name, known);
  return {
    code: 'unknown-key',
    where: printPath(path),
    found: 'a key that is not known here',
    expected: oneOf(known),
    fix: near === undefined ? `remove ${quote(name)}` : `write ${near}`,
  };
}

/** Only a map with keys of its own can hold unknown ones, and the path of their issue leads to it. */
function knownKeys(schema: z.core.$ZodType, path: Path): string[] {
  const { shape } = bare(schemaAt(schema, path) as z.core.$ZodType) as Required<Definition>;
  return Object.keys(shape);
}

function wrongName(issue: z.core.$ZodIssueInvalidKey, path: Path): Problem {
  const [{ message: expected }] = issue.issues as unknown as NonEmpty<Issue>;
  return {
    code: 'wrong-name',
    where: printPath(path),
    found: quote(path.at(-1)),
    expected,
    fix: 'rename it',
  };
}

/** Zod does not look under a key that it refuses; the reader of the problems wants to hear it all. */
function valueUnderWrongName(schema: z.ZodType, issue: Issue, found: unknown, path: Path): Problem[] {
  const child = schemaAt(schema, issue.path) as z.ZodType | undefined;
  const result = child?.safeParse(found);
  return child === undefined || result?.error === undefined
    ? []
    : schemaProblems(child, found, result.error.issues, path);
}

function wrongValue(schema: z.core.$ZodType | undefined, issue: Issue, found: unknown, path: Path): Problem {
  const key = printPath(path.slice(path.findLastIndex((step) => typeof step !== 'number')));
  const example = (schema as z.ZodType | undefined)?.meta()?.['examples'] as readonly unknown[] | undefined;
  const text = example?.[0] === undefined ? undefined : `${key}: ${quote(example[0])}`;
  const missing = found === undefined || found === null;
  return {
    code: missing ? 'missing-value' : 'wrong-value',
    where: printPath(path),
    found: missing ? 'nothing' : quote(found),
    expected:
      issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')
        ? kindText(issue)
        : issue.message,
    fix: text === undefined ? `${missing ? 'add' : 'correct'} ${key}` : `write for example ${text}`,
  };
}

function kindText(issue: z.core.$ZodIssueInvalidType): string {
  return issue.expected === 'object' || issue.expected === 'record'
    ? 'a map'
    : `a value of type ${issue.expected}`;
}

/** `bots.payments.namespaces.names[0]` */
export function printPath(path: Path): string {
  if (path.length === 0) return 'config.yaml';
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index > 0 ? '.' : ''}${String(step)}`))
    .join('');
}

function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, step)) return undefined;
    current = (current as Record<PropertyKey, unknown>)[step];
  }
  return current;
}
