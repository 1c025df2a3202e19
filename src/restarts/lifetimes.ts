import type { Config } from '../config/schema.ts';
import { readLifetime, type CredentialLifetime } from '../credentials/health.ts';

/** How long credentials live, and where the configuration says so. */
export interface Lifetime {
  readonly at: string;
  readonly freshness: CredentialLifetime;
}

/** That of an output; undefined where there is no such one. */
export type LifetimeOf = (output: string) => Lifetime | undefined;

/** Made once, for there may be thousands of outputs, and of workloads that ask for them. */
export function createLifetimes(bots: Config['bots']): LifetimeOf {
  const declared = new Map(
    Object.entries(bots).flatMap(([bot, { tbot, outputs }]) =>
      Object.entries(outputs).map(([output, { tbot: own }]) => [output, { bot, tbot, own }] as const),
    ),
  );
  return (output) => {
    const found = declared.get(output);
    if (found === undefined) return undefined;
    const { bot, tbot, own } = found;
    const isOwn = 'credential_ttl' in own || 'renewal_interval' in own;
    const at = isOwn ? `bots.${bot}.outputs.${output}.tbot` : `bots.${bot}.tbot`;
    return { at, freshness: readLifetime(tbot, own) };
  };
}
