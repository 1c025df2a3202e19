import { INJECTION_ENABLED, INJECTION_LABEL, NEVER_INJECTED, PREFIX } from '../config/opt-in.ts';
import type { BotConfig, Config, LabelSelector } from '../config/schema.ts';
import { closest } from '../problems/closest.ts';
import { oneOf, quote, type Problem } from '../problems/problem.ts';
import { resolveOutput, type GrantedOutput } from './output.ts';

/** The fields of a Namespace that decide its grants. */
export interface NamespaceFacts {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The outputs granted to a namespace, by name. */
export type Grants = ReadonlyMap<string, GrantedOutput>;

/** Whether the namespace has the opt-in label and is not one of those that are never injected. */
export function isOptedIn(namespace: NamespaceFacts): boolean {
  const label = Object.hasOwn(namespace.labels, INJECTION_LABEL)
    ? namespace.labels[INJECTION_LABEL]
    : undefined;
  return label === INJECTION_ENABLED && !NEVER_INJECTED.includes(namespace.name);
}

/**
 * Configuration -> (Namespace -> its outputs). What depends on the configuration alone is resolved once. A namespace that
 * has not opted in has no outputs.
 */
export function createGrants(config: Config): (namespace: NamespaceFacts) => Grants {
  const bots = Object.entries(config.bots).map(([name, bot]) => ({
    bot,
    outputs: Object.entries(bot.outputs).map(([output, settings]) =>
      resolveOutput(config, name, output, settings),
    ),
  }));
  return (namespace) => {
    const granted = isOptedIn(namespace) ? bots.filter(({ bot }) => isGranted(bot, namespace)) : [];
    return new Map(granted.flatMap(({ outputs }) => outputs.map((output) => [output.name, output])));
  };
}

function isGranted({ namespaces }: BotConfig, namespace: NamespaceFacts): boolean {
  if (namespaces.all === true) return true;
  if (namespaces.names?.includes(namespace.name) === true) return true;
  return namespaces.selector !== undefined && matchesSelector(namespaces.selector, namespace.labels);
}

type NamespaceLabels = Readonly<Record<string, string>>;

/** Whether every condition of a label selector holds, with the meaning that Kubernetes gives it. */
export function matchesSelector(selector: LabelSelector, labels: NamespaceLabels): boolean {
  const labelsMatch = Object.entries(selector.matchLabels ?? {}).every(
    ([key, value]) => ownLabel(labels, key) === value,
  );
  return (
    labelsMatch &&
    (selector.matchExpressions ?? []).every((expression) => matchesExpression(expression, labels))
  );
}

type Expression = NonNullable<LabelSelector['matchExpressions']>[number];

function matchesExpression(expression: Expression, labels: NamespaceLabels): boolean {
  const value = ownLabel(labels, expression.key);
  const listed = value !== undefined && (expression.values ?? []).includes(value);
  switch (expression.operator) {
    case 'In':
      return listed;
    case 'NotIn':
      return !listed;
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

function ownLabel(labels: NamespaceLabels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

/** The search for a similar name takes time, and more misspelt names than this are unlikely. */
const MAX_SUGGESTIONS = 20;

/**
 * The problem of a requested output that is not granted. An output that does not exist and one of another tenant have the
 * same text, so that it tells nothing of other tenants.
 * @param grants the outputs of this namespace, by name
 * @param earlier the number of such problems before this one
 */
export function notGranted(
  name: string,
  grants: ReadonlyMap<string, unknown>,
  namespace: string,
  earlier: number,
): Problem {
  const near = earlier < MAX_SUGGESTIONS ? closest(name, grants.keys()) : undefined;
  return {
    code: 'output-not-granted',
    where: `${PREFIX}outputs`,
    found: quote(name),
    expected:
      grants.size === 0
        ? `an output granted to namespace ${namespace}, which has none`
        : `an output granted to namespace ${namespace}: ${oneOf(grants.keys())}`,
    fix:
      near === undefined
        ? `ask your platform team to grant ${quote(name)} to namespace ${namespace}`
        : `write ${near}`,
  };
}
