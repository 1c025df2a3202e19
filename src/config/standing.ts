import { isDeepStrictEqual } from 'node:util';
import type { NonEmpty, Problem } from '../problems/problem.ts';
import { loadConfig } from './load.ts';
import type { Config } from './schema.ts';

/** How the file stands to the configuration that a running program was started with, and works with until its end. */
export type ConfigStanding =
  /** It says the same. */
  | { readonly kind: 'in-force' }
  /** It says something else, and could be started with. */
  | { readonly kind: 'waiting' }
  /** Whoever started now would be refused. */
  | { readonly kind: 'unsound'; readonly problems: NonEmpty<Problem> };

/** Judges what the file says by now. */
export function standingOf(inForce: Config, text: string): ConfigStanding {
  const loaded = loadConfig(text);
  if (loaded.kind === 'unsound') return { kind: 'unsound', problems: loaded.problems };
  return { kind: isDeepStrictEqual(loaded.config, inForce) ? 'in-force' : 'waiting' };
}
