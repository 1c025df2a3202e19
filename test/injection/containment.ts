/**
 * Every way in which `after` lacks something of `before`, or has it otherwise, each with its path; an absent
 * field and `null` mean the same, and lists may only grow at their end.
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
