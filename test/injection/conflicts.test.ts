import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSemanticallyEqual } from '../../src/injection/conflicts.ts';

describe('two values are semantically equal', () => {
  it.each<[string, unknown, unknown]>([
    ['with fields in another order', { a: 1, b: 2 }, { b: 2, a: 1 }],
    ['with null or an absent field', { a: 1, b: null }, { a: 1, c: undefined }],
    ['with an explicit default: optional', { optional: false }, {}],
    ['with an explicit default: readOnly', { readOnly: false }, {}],
    [
      'with an explicit default: apiVersion',
      { fieldRef: { apiVersion: 'v1', x: 1 } },
      { fieldRef: { x: 1 } },
    ],
    ['with another file mode', { defaultMode: 0o400 }, { defaultMode: 0o644 }],
    [
      'with items in another order',
      { items: [{ key: 'a' }, { key: 'b' }] },
      { items: [{ key: 'b' }, { key: 'a' }] },
    ],
  ])('%s', (_, a, b) => {
    expect(isSemanticallyEqual(a, b)).toBe(true);
    expect(isSemanticallyEqual(b, a)).toBe(true);
  });
});

describe('two values are not semantically equal', () => {
  it.each<[string, unknown, unknown]>([
    ['with another value', { a: 1 }, { a: 2 }],
    ['with one more field', { a: 1 }, { a: 1, b: 0 }],
    ['with a value of another type', { a: 1 }, { a: '1' }],
    ['where one is optional', { optional: true }, {}],
    ['where one is read-only', { readOnly: true }, {}],
    ['with another apiVersion', { apiVersion: 'v2' }, {}],
    ['with one more item', { items: [{ key: 'a' }] }, { items: [{ key: 'a' }, { key: 'b' }] }],
    ['with items that are not a list', { items: [] }, { items: {} }],
    ['with sources in another order', { sources: [1, 2] }, { sources: [2, 1] }],
    ['as a list and as a map', [], {}],
    ['with a key that only looks equal', { 'a":1,"b': 2 }, { a: 1, b: 2 }],
  ])('%s', (_, a, b) => {
    expect(isSemanticallyEqual(a, b)).toBe(false);
    expect(isSemanticallyEqual(b, a)).toBe(false);
  });
});

it('a value is semantically equal to its copy', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(isSemanticallyEqual(value, JSON.parse(JSON.stringify(value)))).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

it('a value that is nested too deep is not equal to ours', () => {
  let deep: unknown = 1;
  for (let level = 0; level < 20_000; level++) deep = [deep];
  expect(isSemanticallyEqual({ a: deep }, { a: 1 })).toBe(false);
});
