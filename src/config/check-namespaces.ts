import type { Problem } from '../problems/problem.ts';
import { quote } from '../problems/problem.ts';
import { entries, field } from './raw.ts';

/** Namespaces that are never injected, whoever labels them. */
export const NEVER_INJECTED: readonly string[] = ['kube-system'];

/** A grant says `all` with its acceptance, or `names` OR `selector`; and it says something. */
export function namespacesProblems(namespaces: unknown, at: string): Problem[] {
  if (typeof namespaces !== 'object' || namespaces === null) return [];
  const problem = (code: string, path: string, found: unknown, expected: string, fix: string): Problem => {
    return {
      code,
      where: `${at}${path}`,
      found: found === undefined ? 'nothing' : quote(found),
      expected,
      fix,
    };
  };
  const [all, accepted] = [field(namespaces, 'all'), field(namespaces, 'acceptClusterWide')];
  const [names, selector] = [field(namespaces, 'names'), field(namespaces, 'selector')];
  const narrow = names !== undefined || selector !== undefined;
  const problems: Problem[] = [];
  if (all === true && narrow) {
    problems.push(
      problem(
        'ambiguous-grant',
        '',
        namespaces,
        'all, or names and selector',
        'remove all, or remove the others',
      ),
    );
  }
  if (all === true && accepted !== true) {
    const expected = "true: every namespace that opts in gets all of the bot's roles";
    problems.push(
      problem(
        'unaccepted-grant',
        '.acceptClusterWide',
        accepted,
        expected,
        'add acceptClusterWide: true, or grant by names',
      ),
    );
  }
  if (all !== true && !narrow) {
    problems.push(
      problem(
        'empty-grant',
        '',
        namespaces,
        'names, selector, or all with acceptClusterWide',
        'add names: [<namespace>]',
      ),
    );
  }
  if (selector !== undefined && selectsEverything(selector)) {
    const fix = 'add a condition, or write all: true with acceptClusterWide: true';
    problems.push(problem('empty-selector', '.selector', selector, 'at least one condition', fix));
  }
  return [...problems, ...expressionProblems(selector, `${at}.selector`), ...neverInjected(names, at)];
}

function selectsEverything(selector: unknown): boolean {
  return (
    entries(field(selector, 'matchLabels')).length === 0 &&
    entries(field(selector, 'matchExpressions')).length === 0
  );
}

/** As Kubernetes wants it: In and NotIn with values, Exists and DoesNotExist without. */
function expressionProblems(selector: unknown, at: string): Problem[] {
  return entries(field(selector, 'matchExpressions')).flatMap(([index, expression]) => {
    const operator = field(expression, 'operator');
    const values = entries(field(expression, 'values')).length;
    const wantsValues = operator === 'In' || operator === 'NotIn';
    const wantsNone = operator === 'Exists' || operator === 'DoesNotExist';
    if ((wantsValues && values > 0) || (wantsNone && values === 0) || (!wantsValues && !wantsNone)) return [];
    const where = `${at}.matchExpressions[${index}].values`;
    const expected = `${wantsValues ? 'at least one value' : 'no values'} with ${operator}`;
    return [
      { code: 'wrong-selector', where, found: `${values} values`, expected, fix: 'correct the values' },
    ];
  });
}

function neverInjected(names: unknown, at: string): Problem[] {
  return entries(names).flatMap(([index, name]) => {
    if (typeof name !== 'string' || !NEVER_INJECTED.includes(name)) return [];
    const expected = 'a namespace that can be injected';
    return [
      {
        code: 'never-injected',
        where: `${at}.names[${index}]`,
        found: quote(name),
        expected,
        fix: `remove ${quote(name)}`,
      },
    ];
  });
}
