import { INJECTION_ENABLED, INJECTION_LABEL } from '../config/opt-in.ts';
import { NEVER_INJECTED } from '../config/opt-in.ts';
import type { BotConfig, Config } from '../config/schema.ts';
import { resolveOutput, type GrantedOutput } from './output.ts';
import { matches } from './selector.ts';

/** All that is asked of a Namespace. */
export interface NamespaceFacts {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The outputs that a namespace may have, by name. */
export type Grants = ReadonlyMap<string, GrantedOutput>;

/** True where the namespace asked for injection and is none of those that never get it. */
export function isOptedIn(namespace: NamespaceFacts): boolean {
  const label = Object.hasOwn(namespace.labels, INJECTION_LABEL)
    ? namespace.labels[INJECTION_LABEL]
    : undefined;
  return label === INJECTION_ENABLED && !NEVER_INJECTED.includes(namespace.name);
}

/**
 * Configuration -> (Namespace -> its outputs). Everything that depends on the configuration alone is resolved
 * once; a namespace that has not opted in has no outputs.
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
  return namespaces.selector !== undefined && matches(namespaces.selector, namespace.labels);
}
