import { INJECTION_LABEL, NEVER_INJECTED } from './opt-in.ts';
import { quote, type Problem } from '../problems/problem.ts';
import { entries, field } from './raw.ts';

/** Kubernetes sets this label on every namespace, with its name as value. */
export const NAME_LABEL = 'kubernetes.io/metadata.name';

interface RawGrant {
  readonly all: unknown;
  readonly accepted: unknown;
  readonly names: unknown;
  readonly selector: unknown;
}

interface GrantRule {
  readonly code: string;
  readonly isViolatedBy: (grant: RawGrant) => boolean;
  /** The field under `namespaces` that the problem names; empty: `namespaces` itself. */
  readonly field: '' | 'acceptClusterWide' | 'selector';
  readonly expected: string;
  readonly fix: string;
}

const isLimited = ({ names, selector }: RawGrant): boolean => names !== undefined || selector !== undefined;

/** A grant is either `all` with `acceptClusterWide`, or `names` OR `selector`; and it is not empty. */
export const GRANT_RULES: readonly GrantRule[] = [
  {
    code: 'ambiguous-grant',
    isViolatedBy: (grant) => grant.all === true && isLimited(grant),
    field: '',
    expected: 'all, or names and selector',
    fix: 'remove all, or remove the others',
  },
  {
    code: 'unaccepted-grant',
    isViolatedBy: ({ all, accepted }) => all === true && accepted !== true,
    field: 'acceptClusterWide',
    expected: "true: every namespace that opts in gets all of the bot's roles",
    fix: 'add acceptClusterWide: true, or grant by names',
  },
  {
    code: 'needless-acceptance',
    isViolatedBy: ({ all, accepted }) => all !== true && accepted === true,
    field: 'acceptClusterWide',
    expected: 'it beside all: true alone',
    fix: 'remove acceptClusterWide, or add all: true',
  },
  {
    code: 'empty-grant',
    isViolatedBy: (grant) => grant.all !== true && !isLimited(grant),
    field: '',
    expected: 'names, selector, or all with acceptClusterWide',
    fix: 'add names: [<namespace>]',
  },
  {
    code: 'empty-selector',
    isViolatedBy: ({ selector }) => selector !== undefined && !isSelective(selector),
    field: 'selector',
    expected: 'a condition that some opted-in namespaces meet and others do not: matchLabels, In or Exists',
    fix: 'add one, or write all: true with acceptClusterWide: true',
  },
];

/**
 * Everything that is wrong with a bot's `namespaces`.
 * @param at path of the field, such as `bots.a.namespaces`
 */
export function namespacesProblems(namespaces: unknown, at: string): Problem[] {
  if (typeof namespaces !== 'object' || namespaces === null) return [];
  const [names, selector] = [field(namespaces, 'names'), field(namespaces, 'selector')];
  const grant = {
    all: field(namespaces, 'all'),
    accepted: field(namespaces, 'acceptClusterWide'),
    names,
    selector,
  };
  const isViolatedBy = GRANT_RULES.filter((rule) => rule.isViolatedBy(grant)).map((rule) => {
    const value = rule.field === '' ? namespaces : field(namespaces, rule.field);
    const found = value === undefined ? 'nothing' : quote(value);
    const where = rule.field === '' ? at : `${at}.${rule.field}`;
    return { code: rule.code, where, found, expected: rule.expected, fix: rule.fix };
  });
  return [
    ...isViolatedBy,
    ...expressionProblems(selector, `${at}.selector`),
    ...neverInjectedProblems(names, at),
  ];
}

/**
 * Whether a selector has a condition that not every opted-in namespace meets. An unknown operator counts as one: the
 * schema reports it.
 */
function isSelective(selector: unknown): boolean {
  const labels = entries(field(selector, 'matchLabels'));
  const conditions = [
    ...labels.map(([key]) => ({ key, operator: 'In' })),
    ...entries(field(selector, 'matchExpressions')).map(([, each]) => ({
      key: field(each, 'key'),
      operator: field(each, 'operator'),
    })),
  ];
  return conditions.some(({ key, operator }) => {
    if (key === INJECTION_LABEL) return false;
    return operator === 'Exists' ? key !== NAME_LABEL : operator !== 'NotIn' && operator !== 'DoesNotExist';
  });
}

/** The rule of Kubernetes: In and NotIn need values, Exists and DoesNotExist have none. */
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

function neverInjectedProblems(names: unknown, at: string): Problem[] {
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
