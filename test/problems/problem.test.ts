import { describe, expect, it } from 'vitest';
import { isNonEmpty, oneOf, printName, printProblem, quote } from '../../src/problems/problem.ts';

it('a problem is printed as one line: where, found, expected, fix', () => {
  const problem = { code: 'c', where: 'outputs', found: '"dbb"', expected: 'a or b', fix: 'write b' };
  expect(printProblem(problem)).toBe('outputs: found "dbb"; expected a or b. Fix: write b');
});

describe('a quoted value', () => {
  it.each([
    ['a word', '"a word"'],
    ['', '""'],
    ['a "quoted" \\ word', '"a \\"quoted\\" \\\\ word"'],
    ['two\nlines\u0000\u001b[31m', '"two\\nlines\\u0000\\u001b[31m"'],
    ['half a pair \ud83d', '"half a pair \\ud83d"'],
    [true, 'true'],
    [600, '600'],
    [null, 'null'],
    [undefined, 'undefined'],
    [[], '[]'],
    [['secret', 'words'], 'a list of 2'],
    [{}, '{}'],
    [{ password: 'x' }, 'a map of 1'],
  ])('%j is printed as %s', (value, text) => {
    expect(quote(value)).toBe(text);
  });

  it('is cut after 120 characters, and its length is added', () => {
    expect(quote('a'.repeat(120))).toBe(`"${'a'.repeat(120)}"`);
    expect(quote('a'.repeat(121))).toBe(`"${'a'.repeat(120)}"... (121 characters)`);
  });
});

describe('a name inside a message', () => {
  it.each(['app', 'c-1', 'a'.repeat(63)])('%s is printed unchanged', (name) => {
    expect(printName(name)).toBe(name);
  });

  it.each(['', 'App', 'two\nlines', 'a b', 'a'.repeat(64)])('%j is invalid, and quoted', (name) => {
    expect(printName(name)).toBe(quote(name));
  });
});

it.each([
  [[], 'nothing'],
  [['a'], 'a'],
  [['a', 'b'], 'a or b'],
  [['a', 'b', 'c'], 'a, b or c'],
])('one of %j is printed as %j', (names, text) => {
  expect(oneOf(names)).toBe(text);
  expect(oneOf(new Set(names))).toBe(text);
});

it('a list is non-empty where it has an element', () => {
  expect([isNonEmpty([]), isNonEmpty([undefined])]).toEqual([false, true]);
});
