import type { z } from 'zod';
import { closest } from '../problems/closest.ts';
import { oneOf, quote, type NonEmpty, type Problem } from '../problems/problem.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** The fields of zod's own definitions that a path leads through. */
interface ZodDefinition {
  readonly innerType?: z.core.$ZodType;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly valueType?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
}

/**
 * Converts zod's issues to problems: the value as "found", the schema's text as "expected", its example as "fix".
 * @param at path of `value` in the whole document
 */
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

/** The issue of an unknown key has the path of its map, and only a schema with a shape reports one. */
function knownKeys(schema: z.core.$ZodType, path: Path): string[] {
  const { shape } = unwrap(schemaAt(schema, path) as z.core.$ZodType) as Required<ZodDefinition>;
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

/** Zod does not validate the value of a key that it refuses; the user needs all problems at once. */
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

/** The schema of the value at `path`; undefined: the schema ends before it. */
export function schemaAt(schema: z.core.$ZodType, path: Path): z.core.$ZodType | undefined {
  let current: z.core.$ZodType | undefined = schema;
  for (const step of path) {
    const definition: ZodDefinition = unwrap(current);
    current = definition.shape?.[String(step)] ?? definition.valueType ?? definition.element;
    if (current === undefined) return undefined;
  }
  return current;
}

/** The definition inside defaults and optionals. */
function unwrap(schema: z.core.$ZodType): ZodDefinition {
  const definition = schema._zod.def as ZodDefinition;
  return definition.innerType === undefined ? definition : unwrap(definition.innerType);
}
