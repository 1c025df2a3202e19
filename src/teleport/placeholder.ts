import { closest } from '../problems/closest.ts';
import type { Problem } from '../problems/problem.ts';

/** What stands for the consumer's namespace in tbot's fields: self-service without a ticket. */
const NAMESPACE_PLACEHOLDER = '$(NAMESPACE)';

const PLACEHOLDER = /\$\([^)]*\)/g;

/** Every `$(...)` in the strings of `value`, at any depth, that is not {@link NAMESPACE_PLACEHOLDER}. */
export function placeholderProblems(value: unknown, at: string): Problem[] {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, child]) => placeholderProblems(child, `${at}.${key}`));
  }
  if (typeof value !== 'string') return [];
  return [...value.matchAll(PLACEHOLDER)].flatMap(([found]) => {
    if (found === NAMESPACE_PLACEHOLDER) return [];
    const near = closest(found.slice('$('.length, -1), ['NAMESPACE']) !== undefined;
    const fix = near ? `write ${NAMESPACE_PLACEHOLDER}` : 'write the value itself';
    return [{ code: 'unknown-placeholder', where: at, found, expected: NAMESPACE_PLACEHOLDER, fix }];
  });
}
