import { validateMountPath, normalizeMountPath } from '../config/mount-path.ts';
import { quote, type Problem } from '../problems/problem.ts';
import { PREFIX } from '../config/opt-in.ts';
import { type Annotation, type ListShape } from './table.ts';

/** One item of an annotation's value: `name` or `name=/path`, with a normalized path. */
export interface ListItem {
  readonly name: string;
  readonly path?: string;
}

/** A pod has far fewer containers, and a namespace far fewer outputs. */
const MAX_ITEMS = 1000;

const NAME_RULES: Readonly<
  Record<ListShape['names'], { readonly pattern: RegExp; readonly maxLength: number; readonly text: string }>
> = {
  output: {
    pattern: /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/,
    maxLength: 51,
    text: 'the name of an output: lower-case letters, digits and "-", at most 51 characters',
  },
  container: {
    pattern: /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/,
    maxLength: 63,
    text: 'the name of a container: lower-case letters, digits and "-", at most 63 characters',
  },
  ConfigMap: {
    pattern: /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
    maxLength: 253,
    text: 'the name of a ConfigMap: lower-case letters, digits, "-" and ".", at most 253 characters',
  },
};

/** Parses a list such as `a, b=/path` into its valid items and all its problems. */
export function parseList(annotation: Annotation, value: string): { items: ListItem[]; problems: Problem[] } {
  const where = PREFIX + annotation.key;
  const problem = (code: string, found: string, expected: string, fix: string): Problem => ({
    code,
    where,
    found,
    expected,
    fix,
  });
  const parts = value.split(',');
  const maxItems = annotation.shape.max ?? MAX_ITEMS;
  if (value.trim() === '') {
    return {
      items: [],
      problems: [
        problem('empty-value', quote(value), annotation.value, 'name at least one, or remove the annotation'),
      ],
    };
  }
  if (parts.length > maxItems) {
    return {
      items: [],
      problems: [
        problem('too-many-items', `${parts.length} items`, `at most ${maxItems}`, 'shorten the list'),
      ],
    };
  }
  const items: ListItem[] = [];
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const part of parts) {
    const item = parseItem(part);
    const itemProblem = validateItem(annotation.shape, item);
    if (itemProblem !== undefined) problems.push({ ...itemProblem, where });
    else if (seen.has(item.name))
      problems.push(
        problem(
          'duplicate-item',
          `${quote(item.name)} twice`,
          'each name once',
          `remove one ${quote(item.name)}`,
        ),
      );
    else
      items.push(item.path === undefined ? item : { name: item.name, path: normalizeMountPath(item.path) });
    seen.add(item.name);
  }
  return { items, problems };
}

function parseItem(part: string): ListItem {
  const equals = part.indexOf('=');
  if (equals === -1) return { name: part.trim() };
  return { name: part.slice(0, equals).trim(), path: part.slice(equals + 1).trim() };
}

function validateItem(shape: ListShape, item: ListItem): Omit<Problem, 'where'> | undefined {
  const rule = NAME_RULES[shape.names];
  if (item.name === '') {
    const found = item.path === undefined ? 'an empty item' : `a path without a name (${quote(item.path)})`;
    return { code: 'empty-item', found, expected: rule.text, fix: 'remove the extra comma, or add the name' };
  }
  if (item.name.length > rule.maxLength || !rule.pattern.test(item.name)) {
    return {
      code: 'wrong-name',
      found: quote(item.name),
      expected: rule.text,
      fix: `correct ${quote(item.name)}`,
    };
  }
  if (item.path === undefined) return undefined;
  if (!shape.paths) {
    const found = quote(`${item.name}=${item.path}`);
    return { code: 'path-not-allowed', found, expected: 'a name without a path', fix: `write ${item.name}` };
  }
  const expected = validateMountPath(item.path);
  if (expected === undefined) return undefined;
  return {
    code: 'wrong-path',
    found: quote(`${item.name}=${item.path}`),
    expected,
    fix: `correct the path of ${item.name}`,
  };
}

/** Prints the value of an annotation, which {@link parseList} parses to the same items. */
export function printList(items: readonly ListItem[]): string {
  return items.map((item) => (item.path === undefined ? item.name : `${item.name}=${item.path}`)).join(', ');
}
