import { quote, type Problem } from '../problems/problem.ts';
import { parseDuration } from './duration.ts';
import { placeholderProblems, reservedField, unknownField, type Findings } from './field-checks.ts';

/** tbot's own top-level fields that a bot may set, with their types. */
export const KNOWN_BOT_FIELDS: ReadonlyMap<string, 'duration' | 'boolean'> = new Map([
  ['credential_ttl', 'duration'],
  ['renewal_interval', 'duration'],
  ['fips', 'boolean'],
  ['debug', 'boolean'],
  ['insecure', 'boolean'],
]);

/** tbot's top-level fields that the controller writes, each with the fix: where to set it instead. */
export const RESERVED_BOT_FIELDS: ReadonlyMap<string, string> = new Map([
  ['version', 'remove it; the format of tbot.yaml is chosen for you'],
  ['proxy_server', 'remove it and set teleport.proxyServer'],
  ['auth_server', 'remove it and set teleport.proxyServer'],
  ['join_uri', 'remove it and set teleport.proxyServer and join'],
  ['onboarding', 'remove it and set join'],
  ['storage', 'remove it; a bot that joins by Kubernetes keeps no state'],
  ['services', 'remove it and set outputs beside tbot'],
  ['outputs', 'remove it and set outputs beside tbot'],
  ['oneshot', 'remove it; a Deployment would start a one-shot tbot again and again'],
  ['diag_addr', 'remove it; the probes of the Deployment need the address it has'],
]);

/** tbot's own defaults. */
export const DEFAULT_TTL = '1h';
export const DEFAULT_RENEWAL = '20m';

/** tbot's own limit. */
const DAY_SECONDS = 24 * 60 * 60;

type BotFields = Readonly<Record<string, unknown>>;

/**
 * Everything that is wrong with tbot's top-level fields of a bot. Unknown fields only have a warning.
 * @param at path of the fields, such as `bots.a.tbot`
 */
export function checkBotFields(fields: BotFields, at: string): Findings {
  const known = [...KNOWN_BOT_FIELDS.keys()];
  const unknown = Object.keys(fields).filter(
    (name) => !KNOWN_BOT_FIELDS.has(name) && !RESERVED_BOT_FIELDS.has(name),
  );
  return {
    problems: [
      ...Object.entries(fields).flatMap(([name, value]) => {
        const fix = RESERVED_BOT_FIELDS.get(name);
        return fix === undefined ? [] : [reservedField(name, value, fix, at)];
      }),
      ...booleanProblems(fields, at),
      ...durationProblems(fields, at),
      ...placeholderProblems(fields, at, []),
    ],
    warnings: unknown.map((name) => unknownField(name, known, at)),
  };
}

function booleanProblems(fields: BotFields, at: string): Problem[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    if (KNOWN_BOT_FIELDS.get(name) !== 'boolean' || typeof value === 'boolean') return [];
    const fix = `correct ${name}`;
    return [
      { code: 'wrong-field', where: `${at}.${name}`, found: quote(value), expected: 'true or false', fix },
    ];
  });
}

/** tbot itself refuses a TTL of more than a day, and a renewal after the credential has expired. */
function durationProblems(fields: BotFields, at: string): Problem[] {
  const ttl = parseSeconds(fields['credential_ttl'] ?? DEFAULT_TTL);
  const renewal = parseSeconds(fields['renewal_interval'] ?? DEFAULT_RENEWAL);
  const problem = (name: string, expected: string, fix = `correct ${name}`): Problem => {
    const found = fields[name] === undefined ? 'nothing' : quote(fields[name]);
    return { code: 'wrong-duration', where: `${at}.${name}`, found, expected, fix };
  };
  const problems: Problem[] = [];
  const isWrong = ttl === 'invalid' || ttl <= 0 || ttl > DAY_SECONDS;
  if (isWrong) {
    problems.push(problem('credential_ttl', 'a duration above 0 and at most 24h, such as 1h'));
  }
  if (renewal === 'invalid' || renewal <= 0) {
    problems.push(problem('renewal_interval', 'a duration above 0, such as 20m'));
  } else if (!isWrong && renewal >= ttl) {
    const isAbsent = fields['renewal_interval'] === undefined || fields['renewal_interval'] === null;
    const expected = `a duration (default ${DEFAULT_RENEWAL}) shorter than credential_ttl (default ${DEFAULT_TTL})`;
    const fix = isAbsent ? 'add a renewal_interval, such as a third of credential_ttl' : undefined;
    problems.push(problem('renewal_interval', expected, fix));
  }
  return problems;
}

function parseSeconds(value: unknown): number | 'invalid' {
  return (typeof value === 'string' ? parseDuration(value) : undefined) ?? 'invalid';
}
