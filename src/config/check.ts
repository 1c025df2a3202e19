import { checkBotFields } from '../teleport/bot-fields.ts';
import { isAtLeast, OLDEST_TBOT, parseVersion } from '../teleport/version.ts';
import { quote, type Problem } from '../problems/problem.ts';
import { placeholderProblems, type Findings } from '../teleport/field-checks.ts';
import { checkOutputs } from './check-outputs.ts';
import { defaultMountPath } from './schema.ts';
import { namespacesProblems } from './check-namespaces.ts';
import { entries, field } from './raw.ts';
import { validateMountPath } from './mount-path.ts';

/**
 * The rules that a schema of single values cannot express. It reads the value before the schema has validated it and
 * ignores wrong shapes, so that both report all their problems at once.
 */
export function checkConfig(value: unknown): Findings {
  const version = field(field(value, 'tbot'), 'version');
  const bots = entries(field(value, 'bots'));
  const findings = [
    {
      problems: [...protoProblems(value, ''), ...tbotVersionProblems(version), ...mountRootProblems(value)],
      warnings: [],
    },
    ...bots.map(([name, bot]) => checkBot(bot, `bots.${name}`)),
    checkOutputs(bots, typeof version === 'string' ? version : undefined),
  ];
  return {
    problems: findings.flatMap((part) => part.problems),
    warnings: findings.flatMap((part) => part.warnings),
  };
}

function checkBot(bot: unknown, at: string): Findings {
  const fields = checkBotFields(Object.fromEntries(entries(field(bot, 'tbot'))), `${at}.tbot`);
  const problems = [
    ...namespacesProblems(field(bot, 'namespaces'), `${at}.namespaces`),
    ...placeholderProblems(field(bot, 'join'), `${at}.join`, []),
    ...fields.problems,
  ];
  const outputs = field(bot, 'outputs');
  if (typeof outputs === 'object' && outputs !== null && entries(outputs).length === 0) {
    const expected = 'at least one output';
    problems.push({
      code: 'no-outputs',
      where: `${at}.outputs`,
      found: 'none',
      expected,
      fix: 'add one, or remove the bot',
    });
  }
  return { problems, warnings: fields.warnings };
}

function tbotVersionProblems(version: unknown): Problem[] {
  if (typeof version !== 'string') return [];
  const isInvalid = parseVersion(version) === undefined;
  if (!isInvalid && isAtLeast(version, OLDEST_TBOT)) return [];
  return [
    {
      code: isInvalid ? 'wrong-version' : 'tbot-too-old',
      where: 'tbot.version',
      found: quote(version),
      expected: `a release such as 18.8.1, at least ${OLDEST_TBOT} (the first that writes Secrets of other namespaces)`,
      fix: /^v\d/.test(version)
        ? `write ${quote(version.slice(1))}, without "v"`
        : 'write the release that your Teleport cluster supports',
    },
  ];
}

function mountRootProblems(value: unknown): Problem[] {
  const root = field(field(value, 'injection'), 'mountRoot');
  if (typeof root !== 'string' || root === '') return [];
  // With the longest name of an output.
  const expected = validateMountPath(root) ?? validateMountPath(defaultMountPath(root, 'x'.repeat(51)));
  if (expected === undefined) return [];
  return [
    {
      code: 'wrong-path',
      where: 'injection.mountRoot',
      found: quote(root),
      expected,
      fix: 'correct mountRoot',
    },
  ];
}

/** Zod ignores a key `__proto__` without an issue; no key may be ignored silently. */
function protoProblems(value: unknown, at: string): Problem[] {
  return entries(value).flatMap(([key, child]) => {
    const where = at === '' ? key : `${at}.${key}`;
    if (key !== '__proto__') return protoProblems(child, where);
    return [{ code: 'wrong-name', where, found: '"__proto__"', expected: 'another name', fix: 'rename it' }];
  });
}
