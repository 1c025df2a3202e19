import { closest } from '../problems/closest.ts';
import { oneOf, quote, type Problem } from '../problems/problem.ts';
import { parseDuration } from './duration.ts';
import type { Findings } from './check-output.ts';

/** tbot's own top-level fields that a bot may set. */
const KNOWN_FIELDS = ['credential_ttl', 'renewal_interval', 'fips', 'debug', 'insecure'] as const;

/** tbot's top-level fields that the controller writes, each with the place to say it instead. */
const RESERVED_FIELDS: ReadonlyMap<string, string> = new Map([
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

const DAY_SECONDS = 24 * 60 * 60;

/**
 * Everything that is wrong with tbot's top-level fields of a bot; unknown ones only warn.
 * @param at path of the fields, such as `bots.a.tbot`
 */
export function checkBotFields(fields: Readonly<Record<string, unknown>>, at: string): Findings {
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  for (const [name, value] of Object.entries(fields)) {
    const where = `${at}.${name}`;
    const fix = RESERVED_FIELDS.get(name);
    if (fix !== undefined) {
      problems.push({ code: 'reserved-field', where, found: quote(value), expected: `no ${name} here`, fix });
    } else if (!(KNOWN_FIELDS as readonly string[]).includes(name)) {
      const near = closest(name, KNOWN_FIELDS);
      warnings.push({
        code: 'unknown-field',
        where,
        found: 'a field that is not known, passed to tbot as it is',
        expected: oneOf(KNOWN_FIELDS),
        fix:
          near === undefined
            ? `check the spelling against tbot's reference`
            : `write ${near} if that was meant`,
      });
    }
  }
  return { problems: [...problems, ...durationProblems(fields, at)], warnings };
}

/** tbot itself refuses a TTL above a day, and a renewal that comes after the credential has ended. */
function durationProblems(fields: Readonly<Record<string, unknown>>, at: string): Problem[] {
  const ttl = seconds(fields['credential_ttl']);
  const renewal = seconds(fields['renewal_interval']);
  const problems: Problem[] = [];
  const report = (name: string, expected: string): void => {
    const found = quote(fields[name]);
    problems.push({
      code: 'wrong-duration',
      where: `${at}.${name}`,
      found,
      expected,
      fix: `correct ${name}`,
    });
  };
  if (ttl === 'invalid' || (ttl !== undefined && (ttl <= 0 || ttl > DAY_SECONDS))) {
    report('credential_ttl', 'a duration above 0 and at most 24h, such as 1h');
  }
  if (renewal === 'invalid' || (renewal !== undefined && renewal <= 0)) {
    report('renewal_interval', 'a duration above 0, such as 20m');
  } else if (renewal !== undefined && ttl !== 'invalid' && renewal >= (ttl ?? DEFAULT_TTL_SECONDS)) {
    report('renewal_interval', 'a duration shorter than credential_ttl (default 1h)');
  }
  return problems;
}

const DEFAULT_TTL_SECONDS = 60 * 60;

function seconds(value: unknown): number | undefined | 'invalid' {
  if (value === undefined || value === null) return undefined;
  return (typeof value === 'string' ? parseDuration(value) : undefined) ?? 'invalid';
}
