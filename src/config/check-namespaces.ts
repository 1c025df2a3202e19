import { INJECTION_LABEL, NEVER_INJECTED } from './opt-in.ts';
import { quote, type Problem } from '../problems/problem.ts';
import { entries, field } from './raw.ts';

/** Kubernetes gives every namespace this label, with its name. */
export const NAME_LABEL = 'kubernetes.io/metadata.name';

interface Grant {
  readonly all: unknown;
  readonly accepted: unknown;
  readonly names: unknown;
  readonly selector: unknown;
}

interface GrantRule {
  readonly code: string;
  readonly broken: (grant: Grant) => boolean;
  /** The field under `namespaces` that it is about; empty: all of it. */
  readonly field: '' | 'acceptClusterWide' | 'selector';
  readonly expected: string;
  readonly fix: string;
}

const isNarrow = ({ names, selector }: Grant): boolean => names !== undefined || selector !== undefined;

/** A grant says `all` with its acceptance, or `names` OR `selector`; and it says something. */
export const GRANT_RULES: readonly GrantRule[] = [
  {
    code: 'ambiguous-grant',
    broken: (grant) => grant.all === true && isNarrow(grant),
    field: '',
    expected: 'all, or names and selector',
    fix: 'remove all, or remove the others',
  },
  {
    code: 'unaccepted-grant',
    broken: ({ all, accepted }) => all === true && accepted !== true,
    field: 'acceptClusterWide',
    expected: "true: every namespace that opts in gets all of the bot's roles",
    fix: 'add acceptClusterWide: true, or grant by names',
  },
  {
    code: 'needless-acceptance',
    broken: ({ all, accepted }) => all !== true && accepted === true,
    field: 'acceptClusterWide',
    expected: 'it beside all: true alone',
    fix: 'remove acceptClusterWide, or add all: true',
  },
  {
    code: 'empty-grant',
    broken: (grant) => grant.all !== true && !isNarrow(grant),
    field: '',
    expected: 'names, selector, or all with acceptClusterWide',
    fix: 'add names: [<namespace>]',
  },
  {
    code: 'empty-selector',
    broken: ({ selector }) => selector !== undefined && !chooses(selector),
    field: 'selector',
    expected: 'a condition that some opted-in namespaces meet and others do not: matchLabels, In or Exists',
    fix: 'add one, or write all: true with acceptClusterWide: true',
  },
];

/** What is wrong with a bot's `namespaces`. */
export function namespacesProblems(namespaces: unknown, at: string): Problem[] {
  if (typeof namespaces !== 'object' || namespaces === null) return [];
  const [names, selector] = [field(namespaces, 'names'), field(namespaces, 'selector')];
  const grant = {
    all: field(namespaces, 'all'),
    accepted: field(namespaces, 'acceptClusterWide'),
    names,
    selector,
  };
  const broken = GRANT_RULES.filter((rule) => rule.broken(grant)).map((rule) => {
    const value = rule.field === '' ? namespaces : field(namespaces, rule.field);
    const found = value === undefined ? 'nothing' : quote(value);
    const where = rule.field === '' ? at : `${at}.${rule.field}`;
    return { code: rule.code, where, found, expected: rule.expected, fix: rule.fix };
  });
  return [...broken, ...expressionProblems(selector, `${at}.selector`), ...neverInjected(names, at)];
}

/**
 * Whether a selector holds a condition that not every opted-in namespace meets; of an operator that is none, the
 * schema has told.
 */
function chooses(selector: unknown): boolean {
  const labels = entries(field(selector, 'matchLabels'));
  const conditions = [
    ...labels.map(([key]) => ({ key: key, operator: 'In' })),
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
