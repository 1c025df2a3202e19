import { closest } from '../problems/closest.ts';
import { oneOf, type Problem } from '../problems/problem.ts';

/** What stands for the consumer's namespace in an output's own fields: self-service without a ticket. */
export const NAMESPACE_PLACEHOLDER = '$(NAMESPACE)';

export const PLACEHOLDER = /\$\([^)]*\)/g;

/**
 * Every `$(...)` in the keys and strings of `value`, at any depth, that is not allowed there: it would reach tbot
 * as it stands.
 */
export function placeholderProblems(
  value: unknown,
  at: string,
  allowed: readonly string[] = [NAMESPACE_PLACEHOLDER],
): Problem[] {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, child]) => [
      ...inText(key, `${at}.${key}`, []),
      ...placeholderProblems(child, `${at}.${key}`, allowed),
    ]);
  }
  return typeof value === 'string' ? inText(value, at, allowed) : [];
}

function inText(text: string, at: string, allowed: readonly string[]): Problem[] {
  return [...text.matchAll(PLACEHOLDER)].flatMap(([found]) => {
    if (allowed.includes(found)) return [];
    const near = closest(
      found.slice('$('.length, -1),
      allowed.map((each) => each.slice('$('.length, -1)),
    );
    const fix = near === undefined ? 'write the value itself' : `write $(${near})`;
    const expected = allowed.length === 0 ? 'no placeholder here' : oneOf(allowed);
    return [{ code: 'unknown-placeholder', where: at, found, expected, fix }];
  });
}
