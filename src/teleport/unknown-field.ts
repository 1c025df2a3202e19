import { closest } from '../problems/closest.ts';
import { oneOf, quote, type Problem } from '../problems/problem.ts';

/** A field that nobody knows yet: passed to tbot with this warning, so that a new Teleport needs no release of ours. */
export function unknownField(name: string, known: readonly string[], at: string): Problem {
  const near = closest(name, known);
  return {
    code: 'unknown-field',
    where: `${at}.${name}`,
    found: 'a field that is not known here, passed to tbot as it is',
    expected: oneOf(known),
    fix:
      near === undefined ? "check the spelling against tbot's reference" : `write ${near} if that was meant`,
  };
}

/** A field of tbot's that is not the user's to set. */
export function reservedField(name: string, value: unknown, fix: string, at: string): Problem {
  return {
    code: 'reserved-field',
    where: `${at}.${name}`,
    found: quote(value),
    expected: `no ${name} here`,
    fix,
  };
}
