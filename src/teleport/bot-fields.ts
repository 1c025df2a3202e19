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

/** The limit and the defaults of tbot. */
const DAY_SECONDS = 24 * 60 * 60;
const DEFAULT_TTL_SECONDS = 60 * 60;
const DEFAULT_RENEWAL_SECONDS = 20 * 60;

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
  const ttl = parseSeconds(fields['credential_ttl']);
  const renewal = parseSeconds(fields['renewal_interval']);
  const problem = (name: string, expected: string, fix = `correct ${name}`): Problem => {
    const found = fields[name] === undefined ? 'nothing' : quote(fields[name]);
    return { code: 'wrong-duration', where: `${at}.${name}`, found, expected, fix };
  };
  const problems: Problem[] = [];
  const isWrong = ttl === 'invalid' || (ttl !== undefined && (ttl <= 0 || ttl > DAY_SECONDS));
  if (isWrong) {
    problems.push(problem('credential_ttl', 'a duration above 0 and at most 24h, such as 1h'));
  }
  if (renewal === 'invalid' || (renewal !== undefined && renewal <= 0)) {
    problems.push(problem('renewal_interval', 'a duration above 0, such as 20m'));
  } else if (!isWrong && (renewal ?? DEFAULT_RENEWAL_SECONDS) >= (ttl ?? DEFAULT_TTL_SECONDS)) {
    const expected = 'a duration (default 20m) shorter than credential_ttl (default 1h)';
    const fix =
      renewal === undefined ? 'add a renewal_interval, such as a third of credential_ttl' : undefined;
    problems.push(problem('renewal_interval', expected, fix));
  }
  return problems;
}

function parseSeconds(value: unknown): number | undefined | 'invalid' {
  if (value === undefined || value === null) return undefined;
  return (typeof value === 'string' ? parseDuration(value) : undefined) ?? 'invalid';
}
