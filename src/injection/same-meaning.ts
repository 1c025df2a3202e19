/**
 * True where two values of the Kubernetes API say the same: key order, defaults that the API server fills in,
 * the order of `items` and file modes aside. (A mode is the user's own choice, and one that was right for the
 * containers of the first admission stays when a reinvocation sees one more.)
 */
export function sameMeaning(a: unknown, b: unknown): boolean {
  return canonical(a, 0) === canonical(b, 0);
}

/** Deeper than any volume or variable goes; a tenant's value may go deeper than the stack does. */
const DEEPEST = 12;

const DEFAULTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['optional', false],
  ['readOnly', false],
  ['apiVersion', 'v1'],
]);

function canonical(value: unknown, depth: number): string {
  if (depth > DEEPEST) return 'too deep';
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([key, field]) => isMeant(key, field))
    .map(
      ([key, field]) =>
        `${JSON.stringify(key)}:${key === 'items' ? unordered(field, depth) : canonical(field, depth + 1)}`,
    );
  return `{${fields.sort().join()}}`;
}

function isMeant(key: string, field: unknown): boolean {
  return (
    field !== undefined &&
    field !== null &&
    key !== 'defaultMode' &&
    !(DEFAULTS.has(key) && DEFAULTS.get(key) === field)
  );
}

function unordered(items: unknown, depth: number): string {
  if (!Array.isArray(items)) return canonical(items, depth + 1);
  return `[${items
    .map((item) => canonical(item, depth + 1))
    .sort()
    .join()}]`;
}
