import { isDeepStrictEqual } from 'node:util';
import type { NonEmpty, Problem } from '../problems/problem.ts';
import { loadConfig } from './load.ts';
import type { Config } from './schema.ts';

/** How the file stands to the configuration that a running program was started with, and works with until its end. */
export type ConfigDrift =
  /** It says the same. */
  | { readonly kind: 'current' }
  /** It says something else, and could be started with. */
  | { readonly kind: 'pending' }
  /** Whoever started now would be refused. */
  | { readonly kind: 'invalid'; readonly problems: NonEmpty<Problem> };

/** Judges what the file says by now. */
export function driftOf(current: Config, text: string): ConfigDrift {
  const loaded = loadConfig(text);
  if (loaded.kind === 'invalid') return { kind: 'invalid', problems: loaded.problems };
  return { kind: isDeepStrictEqual(loaded.config, current) ? 'current' : 'pending' };
}
