import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sameMeaning } from '../../src/injection/same-meaning.ts';

describe('two values mean the same', () => {
  it.each<[string, unknown, unknown]>([
    ['whatever the order of their fields', { a: 1, b: 2 }, { b: 2, a: 1 }],
    ['with null or nothing', { a: 1, b: null }, { a: 1, c: undefined }],
    ['with a default written out: optional', { optional: false }, {}],
    ['with a default written out: readOnly', { readOnly: false }, {}],
    [
      'with a default written out: apiVersion',
      { fieldRef: { apiVersion: 'v1', x: 1 } },
      { fieldRef: { x: 1 } },
    ],
    ['whatever the file mode', { defaultMode: 0o400 }, { defaultMode: 0o644 }],
    [
      'whatever the order of items',
      { items: [{ key: 'a' }, { key: 'b' }] },
      { items: [{ key: 'b' }, { key: 'a' }] },
    ],
  ])('%s', (_, a, b) => {
    expect(sameMeaning(a, b)).toBe(true);
    expect(sameMeaning(b, a)).toBe(true);
  });
});

describe('two values do not mean the same', () => {
  it.each<[string, unknown, unknown]>([
    ['with another value', { a: 1 }, { a: 2 }],
    ['with one more field', { a: 1 }, { a: 1, b: 0 }],
    ['with a value of another type', { a: 1 }, { a: '1' }],
    ['where it is optional', { optional: true }, {}],
    ['where it is read-only', { readOnly: true }, {}],
    ['with another apiVersion', { apiVersion: 'v2' }, {}],
    ['with one more item', { items: [{ key: 'a' }] }, { items: [{ key: 'a' }, { key: 'b' }] }],
    ['with items of no list', { items: [] }, { items: {} }],
    ['with sources in another order', { sources: [1, 2] }, { sources: [2, 1] }],
    ['as a list and as a map', [], {}],
    ['with a key that only looks alike', { 'a":1,"b': 2 }, { a: 1, b: 2 }],
  ])('%s', (_, a, b) => {
    expect(sameMeaning(a, b)).toBe(false);
    expect(sameMeaning(b, a)).toBe(false);
  });
});

it('a value means what its copy means', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(sameMeaning(value, JSON.parse(JSON.stringify(value)))).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

it('nothing of ours is as deep as a value can be', () => {
  let deep: unknown = 1;
  for (let level = 0; level < 20_000; level++) deep = [deep];
  expect(sameMeaning({ a: deep }, { a: 1 })).toBe(false);
});
