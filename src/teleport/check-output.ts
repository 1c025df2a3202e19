import { closest } from '../problems/closest.ts';
import { oneOf, quote, type Problem } from '../problems/problem.ts';
import { conditionHolds, type OutputFields } from './output-keys.ts';
import { OUTPUT_TYPES, type OutputField, type OutputType } from './output-types.ts';
import { FIELD_KINDS, reservedField, unknownField, type Findings } from './field-checks.ts';
import { isAtLeast } from './version.ts';

/** Fields of a tbot service that a user must not set, each with the fix. */
export const RESERVED_OUTPUT_FIELDS: ReadonlyMap<string, string> = new Map([
  ['destination', 'remove it; the Secret is named by secretName beside tbot'],
  ['name', 'remove it; the service is named after the output'],
  ['roles', 'remove it and give each set of roles a bot of its own (Teleport 19 ends roles on outputs)'],
]);

/**
 * Everything that is wrong with the fields under an output's `tbot:`. Unknown fields are passed through with a warning,
 * so that a new Teleport needs no new release of tbot-injector.
 * @param at path of the fields, such as `bots.a.outputs.b.tbot`
 * @param tbotVersion the configured release; undefined: unknown
 */
export function checkOutput(fields: OutputFields, at: string, tbotVersion: string | undefined): Findings {
  const type = typeof fields['type'] === 'string' ? OUTPUT_TYPES.get(fields['type']) : undefined;
  if (type === undefined) return { problems: [unknownType(fields['type'], at)], warnings: [] };
  const unsuitable = unsuitableOutputProblem(type, fields, at);
  if (unsuitable !== undefined) return { problems: [unsuitable], warnings: [] };
  const problems = [
    ...tooOldProblems(type.type, type.since, `${at}.type`, tbotVersion),
    ...type.fields.flatMap((field) =>
      fieldProblems(field, fields[field.name], `${at}.${field.name}`, tbotVersion),
    ),
    ...reservedProblems(fields, at),
  ];
  return { problems, warnings: [...unknownFields(type, fields, at), ...unknownValues(type, fields, at)] };
}

function unknownType(found: unknown, at: string): Problem {
  const usable = [...OUTPUT_TYPES.values()].filter(
    (type) => type.unsuitable?.when !== undefined || !type.unsuitable,
  );
  const near = typeof found === 'string' ? closest(found, OUTPUT_TYPES.keys()) : undefined;
  return {
    code: 'unknown-output-type',
    where: `${at}.type`,
    found: found === undefined ? 'nothing' : quote(found),
    expected: `an output type of tbot: ${oneOf(usable.map((type) => type.type))}`,
    fix: near === undefined ? 'set the type of the output' : `write type: ${near}`,
  };
}

function unsuitableOutputProblem(type: OutputType, fields: OutputFields, at: string): Problem | undefined {
  const rule = type.unsuitable;
  if (rule === undefined || (rule.when !== undefined && !conditionHolds(rule.when, fields))) return undefined;
  const field = rule.when?.field ?? 'type';
  return {
    code: 'unsuitable-output',
    where: `${at}.${field}`,
    found: quote(fields[field]),
    expected: `an output that a Secret can hold (${rule.because})`,
    fix: rule.fix,
  };
}

function fieldProblems(
  field: OutputField,
  value: unknown,
  at: string,
  tbotVersion: string | undefined,
): Problem[] {
  if (value === undefined || value === null) {
    if (field.required !== true) return [];
    return [
      {
        code: 'missing-field',
        where: at,
        found: 'nothing',
        expected: FIELD_KINDS[field.kind].text,
        fix: `add ${field.name}`,
      },
    ];
  }
  const problems = tooOldProblems(field.name, field.since, at, tbotVersion);
  const kind = FIELD_KINDS[field.kind];
  if (!kind.fits(value) || (field.required === true && value === '')) {
    problems.push({
      code: 'wrong-field',
      where: at,
      found: quote(value),
      expected: kind.text,
      fix: `correct ${field.name}`,
    });
  }
  return problems;
}

function tooOldProblems(
  what: string,
  since: string | undefined,
  at: string,
  version: string | undefined,
): Problem[] {
  if (since === undefined || version === undefined || isAtLeast(version, since)) return [];
  return [
    {
      code: 'tbot-too-old',
      where: at,
      found: `tbot.version ${version}`,
      expected: `tbot ${since} or newer, the first that knows ${what}`,
      fix: `raise tbot.version, or remove ${what}`,
    },
  ];
}

function reservedProblems(fields: OutputFields, at: string): Problem[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    const fix = RESERVED_OUTPUT_FIELDS.get(name);
    return fix === undefined ? [] : [reservedField(name, value, fix, at)];
  });
}

function unknownFields(type: OutputType, fields: OutputFields, at: string): Problem[] {
  const known = type.fields.map((field) => field.name);
  return Object.keys(fields)
    .filter((name) => name !== 'type' && !known.includes(name) && !RESERVED_OUTPUT_FIELDS.has(name))
    .map((name) => unknownField(name, known, at));
}

function unknownValues(type: OutputType, fields: OutputFields, at: string): Problem[] {
  return type.fields.flatMap((field) => {
    const value = fields[field.name];
    if (field.values === undefined || typeof value !== 'string' || field.values.includes(value)) return [];
    const expected = oneOf(field.values.map(quote));
    return [
      {
        code: 'unknown-value',
        where: `${at}.${field.name}`,
        found: quote(value),
        expected,
        fix: `check the spelling of ${field.name}`,
      },
    ];
  });
}
