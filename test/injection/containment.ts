/**
 * Paths of everything in `before` that is missing or different in `after`. An absent field and `null` are equal, and a
 * list may only get more elements at its end.
 */
export function losses(before: unknown, after: unknown, at = ''): string[] {
  if (before === null || before === undefined) return [];
  if (Array.isArray(before)) {
    if (!Array.isArray(after) || after.length < before.length) return [at];
    return before.flatMap((item, index) => losses(item, after[index], `${at}/${index}`));
  }
  if (typeof before !== 'object') return Object.is(before, after) ? [] : [at];
  if (typeof after !== 'object' || after === null || Array.isArray(after)) return [at];
  const [was, is] = [new Map(Object.entries(before)), new Map<string, unknown>(Object.entries(after))];
  return [...was].flatMap(([key, value]) => losses(value, is.get(key), `${at}/${key}`));
}
