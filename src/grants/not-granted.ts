import { PREFIX } from '../config/opt-in.ts';
import { closest } from '../problems/closest.ts';
import { oneOf, quote, type Problem } from '../problems/problem.ts';

/** Nobody misspells more names than this, and looking for the right ones takes time. */
const MOST_SUGGESTIONS = 20;

/**
 * The same words for an output that does not exist and for another tenant's: nothing is told of those.
 * @param grants the outputs of this namespace, by name
 * @param earlier how many such problems have been found before
 */
export function notGranted(
  name: string,
  grants: ReadonlyMap<string, unknown>,
  namespace: string,
  earlier: number,
): Problem {
  const near = earlier < MOST_SUGGESTIONS ? closest(name, grants.keys()) : undefined;
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
