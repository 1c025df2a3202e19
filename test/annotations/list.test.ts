import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseList, printList, type ListItem } from '../../src/annotations/list.ts';
import { ANNOTATIONS, type Annotation } from '../../src/annotations/table.ts';
import { printProblem } from '../../src/problems/problem.ts';

function read(key: Annotation['key'], value: string): { items: ListItem[]; problems: string[] } {
  const annotation = ANNOTATIONS.find((each) => each.key === key);
  if (annotation === undefined) throw new Error('no such annotation');
  const { items, problems } = parseList(annotation, value);
  return { items, problems: problems.map(printProblem) };
}

const OUTPUT = 'the name of an output: lower-case letters, digits and "-", at most 51 characters';
const CONTAINER = 'the name of a container: lower-case letters, digits and "-", at most 63 characters';
const CONFIG_MAP = 'the name of a ConfigMap: lower-case letters, digits, "-" and ".", at most 253 characters';

describe('a list', () => {
  it.each<[string, ListItem[]]>([
    ['a', [{ name: 'a' }]],
    ['a,b', [{ name: 'a' }, { name: 'b' }]],
    [' a , b ', [{ name: 'a' }, { name: 'b' }]],
    ['a\n, b\n', [{ name: 'a' }, { name: 'b' }]],
    ['a=/x', [{ name: 'a', path: '/x' }]],
    ['a = /x , b', [{ name: 'a', path: '/x' }, { name: 'b' }]],
    ['a=//x/./y/', [{ name: 'a', path: '/x/y' }]],
    ['a=/x=y', [{ name: 'a', path: '/x=y' }]],
    ['a=/x y', [{ name: 'a', path: '/x y' }]],
    ['a=/...', [{ name: 'a', path: '/...' }]],
    ['0-0', [{ name: '0-0' }]],
  ])('%j is parsed', (value, items) => {
    expect(read('outputs', value)).toEqual({ items, problems: [] });
  });

  it.each(['', ' ', '\n\t'])('%j is empty', (value) => {
    expect(read('join', value)).toEqual({
      items: [],
      problems: [
        `tbot-injector.io/join: found ${JSON.stringify(value)}; expected names of the containers that run tbot, separated by commas. Fix: name at least one, or remove the annotation`,
      ],
    });
  });

  it.each([
    [',', 2],
    ['a,', 1],
    [',a', 1],
    ['a, ,b', 1],
  ])('%j has empty items', (value, times) => {
    const problem = `tbot-injector.io/outputs: found an empty item; expected ${OUTPUT}. Fix: remove the extra comma, or add the name`;
    expect(read('outputs', value).problems).toEqual(Array<string>(times).fill(problem));
  });

  it('has a problem with a path without a name', () => {
    expect(read('outputs', '=/x').problems).toEqual([
      `tbot-injector.io/outputs: found a path without a name ("/x"); expected ${OUTPUT}. Fix: remove the extra comma, or add the name`,
    ]);
  });

  it('has a problem with a duplicate name, with or without a path', () => {
    const problem = 'tbot-injector.io/outputs: found "a" twice; expected each name once. Fix: remove one "a"';
    expect(read('outputs', 'a, b, a=/x, a')).toEqual({
      items: [{ name: 'a' }, { name: 'b' }],
      problems: [problem, problem],
    });
  });

  it('keeps the valid items beside invalid ones', () => {
    expect(read('outputs', 'a, B, c=x, d')).toMatchObject({
      items: [{ name: 'a' }, { name: 'd' }],
      problems: { length: 2 },
    });
  });

  it('has at most 1,000 items', () => {
    const names = Array.from({ length: 1000 }, (_, index) => `a${index}`);
    expect(read('containers', names.join()).items).toHaveLength(1000);
    expect(read('containers', [...names, 'b'].join())).toEqual({
      items: [],
      problems: [
        'tbot-injector.io/containers: found 1001 items; expected at most 1000. Fix: shorten the list',
      ],
    });
  });

  it('of ConfigMaps has at most one item', () => {
    expect(read('tbot-config', 'a, b')).toEqual({
      items: [],
      problems: ['tbot-injector.io/tbot-config: found 2 items; expected at most 1. Fix: shorten the list'],
    });
  });
});

describe('a name', () => {
  it.each<[Annotation['key'], number]>([
    ['outputs', 51],
    ['containers', 63],
    ['join', 63],
    ['tbot-config', 253],
  ])('in %s has at most %d characters', (key, longest) => {
    const name = 'a'.repeat(longest);
    expect(read(key, name)).toEqual({ items: [{ name }], problems: [] });
    expect(read(key, `${name}a`)).toMatchObject({ items: [], problems: { length: 1 } });
  });

  it.each(['A', 'a_b', 'a.b', '-a', 'a-', 'ä', 'a b', 'a/b', '*', '__proto__', 'a\u0000', '"', '$(A)'])(
    '%j is invalid for an output',
    (name) => {
      expect(read('outputs', name).problems).toEqual([
        `tbot-injector.io/outputs: found ${JSON.stringify(name)}; expected ${OUTPUT}. Fix: correct ${JSON.stringify(name)}`,
      ]);
    },
  );

  it.each(['App', 'app.x', 'app_1', '-'])('%j is invalid for a container', (name) => {
    expect(read('containers', name).problems).toEqual([
      `tbot-injector.io/containers: found "${name}"; expected ${CONTAINER}. Fix: correct "${name}"`,
    ]);
  });

  it.each(['a.b', 'a-b.c-d', '1.2.3'])('%s is valid for a ConfigMap', (name) => {
    expect(read('tbot-config', name)).toEqual({ items: [{ name }], problems: [] });
  });

  it.each(['a..b', '.a', 'a.', 'a.-b', 'A.b', 'a_b'])('%s is invalid for a ConfigMap', (name) => {
    expect(read('tbot-config', name).problems).toEqual([
      `tbot-injector.io/tbot-config: found "${name}"; expected ${CONFIG_MAP}. Fix: correct "${name}"`,
    ]);
  });

  it('of a container takes no path', () => {
    expect(read('containers', 'app=/x').problems).toEqual([
      'tbot-injector.io/containers: found "app=/x"; expected a name without a path. Fix: write app',
    ]);
  });
});

describe('a path', () => {
  it.each([
    ['a=', '"a="', 'an absolute path, starting with "/"'],
    ['a=x', '"a=x"', 'an absolute path, starting with "/"'],
    ['a=./x', '"a=./x"', 'an absolute path, starting with "/"'],
    ['a=C:\\x', '"a=C:\\\\x"', 'an absolute path, starting with "/"'],
    ['a=/', '"a=/"', 'a folder below "/"'],
    ['a=/x/../y', '"a=/x/../y"', 'a path without ".."'],
    ['a=/x:ro', '"a=/x:ro"', 'a path without ":" and control characters'],
    ['a=/ /', '"a=/ /"', 'a path whose parts neither start nor end with a space'],
    ['a=/proc', '"a=/proc"', 'a path outside /proc, /sys, /dev'],
    ...['/var/run', '/var/run/secrets/kubernetes.io/serviceaccount'].map((path): [string, string, string] => [
      `a=${path}`,
      `"a=${path}"`,
      'a path that does not cover /var/run/secrets/kubernetes.io/serviceaccount',
    ]),
  ])('%s is invalid', (value, found, expected) => {
    expect(read('outputs', value)).toEqual({
      items: [],
      problems: [
        `tbot-injector.io/outputs: found ${found}; expected ${expected}. Fix: correct the path of a`,
      ],
    });
  });

  it('of a ConfigMap is checked in the same way', () => {
    expect(read('tbot-config', 'a=/x/').items).toEqual([{ name: 'a', path: '/x' }]);
    expect(read('tbot-config', 'a=x').problems).toHaveLength(1);
  });
});

it('a printed list is parsed to the same items', () => {
  const letters = 'a b c x y z 0 1 9'.split(' ');
  const name = fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 51 });
  const part = fc
    .string({
      unit: fc.constantFrom(...letters, '.', '-', '=', '$', '(', 'ü', '😀'),
      minLength: 1,
      maxLength: 12,
    })
    .filter((text) => !['.', '..'].includes(text));
  const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
  const item = fc.oneof(fc.record({ name }), fc.record({ name, path }));
  const list = fc.uniqueArray(item, { minLength: 1, maxLength: 8, selector: (each) => each.name });
  fc.assert(
    fc.property(list, (items) => {
      expect(read('outputs', printList(items))).toEqual({ items, problems: [] });
    }),
    { numRuns: 1000 },
  );
});

it('every text has items or problems, and its items are printed and parsed to the same items', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'b', ',', '=', '/', ' ', '.', '\n', 'A', '-'),
    maxLength: 20,
  });
  fc.assert(
    fc.property(text, (value) => {
      const { items, problems } = read('outputs', value);
      expect(items.length + problems.length).toBeGreaterThan(0);
      if (items.length > 0) expect(read('outputs', printList(items))).toEqual({ items, problems: [] });
    }),
    { numRuns: 1000 },
  );
});
