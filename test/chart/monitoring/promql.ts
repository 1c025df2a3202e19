import { parser } from '@prometheus-io/lezer-promql';

type Node = ReturnType<typeof parser.parse>['topNode'];

export interface Selector {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
}

export interface Matcher {
  readonly label: string;
  readonly value: string;
}

/** The labels of the series that a selector finds; undefined where there is no such metric. */
export type Lookup = (selector: Selector) => ReadonlySet<string> | undefined;

export interface Reading {
  /** Empty: the query is valid and finds something. */
  readonly problems: readonly string[];
  /** Labels of its results. */
  readonly labels: ReadonlySet<string>;
  readonly selectors: readonly Selector[];
}

/** A scalar has no labels; a vector has some, or none. */
type Labels = ReadonlySet<string> | undefined;

const NONE: ReadonlySet<string> = new Set();
const WRAPPERS = [
  'ParenExpr',
  'OffsetExpr',
  'StepInvariantExpr',
  'MatrixSelector',
  'SubqueryExpr',
  'UnaryExpr',
];
const LITERALS = ['NumberDurationLiteral', 'StringLiteral'];
const EXPRESSIONS = [
  ...WRAPPERS,
  ...LITERALS,
  'VectorSelector',
  'FunctionCall',
  'AggregateExpr',
  'BinaryExpr',
];
const KEEPING = ['rate', 'irate', 'increase', 'delta', 'abs', 'max_over_time', 'min_over_time'];
const COMPARISONS = ['Gtr', 'Gte', 'Lss', 'Lte', 'EqlC', 'Neq'];

/** Parses a query and follows its labels from the selectors to the result. */
export function readQuery(text: string, lookup: Lookup): Reading {
  const problems: string[] = [];
  const selectors: Selector[] = [];
  const source = (node: Node): string => text.slice(node.from, node.to);
  const problem = (what: string): void => void problems.push(`${what} in: ${text}`);

  function labelsOf(node: Node): Labels {
    if (LITERALS.includes(node.name)) return undefined;
    if (WRAPPERS.includes(node.name)) return labelsOf(operands(node)[0] as Node);
    if (node.name === 'VectorSelector') return select(node);
    if (node.name === 'FunctionCall') return call(node);
    if (node.name === 'AggregateExpr') return aggregate(node);
    if (node.name === 'BinaryExpr') return combine(node);
    throw new Error(`this test cannot read a ${node.name} yet: ${text}`);
  }

  function select(node: Node): ReadonlySet<string> {
    const metric = source(node.getChild('Identifier') as Node);
    const found = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
    const matchers = found.map((matcher) => ({
      label: source(matcher.getChild('LabelName') as Node),
      value: JSON.parse(source(matcher.getChild('StringLiteral') as Node)) as string,
    }));
    selectors.push({ metric, matchers });
    const labels = lookup({ metric, matchers });
    if (labels === undefined) {
      problem(`no target exposes ${metric}`);
      return NONE;
    }
    requireLabels(
      matchers.map(({ label }) => label),
      labels,
    );
    return labels;
  }

  function call(node: Node): Labels {
    const name = source(node.getChild('FunctionIdentifier') as Node);
    const given = operands(node.getChild('FunctionCallBody')).map(labelsOf);
    if (name === 'time') return undefined;
    if (name === 'vector' || name === 'absent') return NONE;
    if (name === 'histogram_quantile') {
      requireLabels(['le'], given[1] ?? NONE);
      return without(given[1] ?? NONE, ['le']);
    }
    if (KEEPING.includes(name)) return given[0];
    throw new Error(`this test does not know what ${name}() does to labels: ${text}`);
  }

  function aggregate(node: Node): ReadonlySet<string> {
    const inner = operands(node.getChild('FunctionCallBody')).map(labelsOf).at(-1) ?? NONE;
    const modifier = node.getChild('AggregateModifier');
    if (modifier === null) return isRanking(node) ? inner : NONE;
    const named = grouping(modifier);
    requireLabels(named, inner);
    return modifier.getChild('By') === null ? without(inner, named) : new Set(named);
  }

  function isRanking(node: Node): boolean {
    return ['topk', 'bottomk'].includes(source(node.getChild('AggregateOp') as Node));
  }

  function combine(node: Node): Labels {
    const [left, right] = operands(node).map(labelsOf);
    if (left === undefined || right === undefined) return left ?? right;
    if (node.getChild('Or') !== null) return new Set([...left].filter((label) => right.has(label)));
    const on = node.getChild('MatchingModifierClause');
    const matched = on === null ? undefined : grouping(on);
    if (matched !== undefined) {
      requireLabels(matched, left);
      requireLabels(matched, right);
    } else if ([...left].toSorted().join() !== [...right].toSorted().join()) {
      problem(`{${[...left].join()}} never matches {${[...right].join()}}`);
    }
    const keepsLeft = ['And', 'Unless', ...COMPARISONS].some((operator) => node.getChild(operator) !== null);
    return keepsLeft ? left : new Set(matched ?? left);
  }

  function grouping(node: Node): string[] {
    return (node.getChild('GroupingLabels')?.getChildren('LabelName') ?? []).map(source);
  }

  function requireLabels(desired: readonly string[], labels: ReadonlySet<string>): void {
    for (const label of desired) if (!labels.has(label)) problem(`there is no label ${label}`);
  }

  const tree = parser.parse(text);
  tree.iterate({
    enter: (node) => {
      if (node.type.isError) problem(`a syntax error at character ${node.from}`);
    },
  });
  const labels = problems.length > 0 ? NONE : (labelsOf(operands(tree.topNode)[0] as Node) ?? NONE);
  return { problems, labels, selectors };
}

function operands(node: Node | null): Node[] {
  const found: Node[] = [];
  for (let child = node?.firstChild ?? null; child !== null; child = child.nextSibling) {
    if (EXPRESSIONS.includes(child.name)) found.push(child);
  }
  return found;
}

function without(labels: ReadonlySet<string>, left: readonly string[]): ReadonlySet<string> {
  return new Set([...labels].filter((label) => !left.includes(label)));
}
