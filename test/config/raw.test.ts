import { expect, it } from 'vitest';
import { entries, field } from '../../src/config/raw.ts';

it.each([
  [{ a: 1 }, [['a', 1]]],
  [['x'], [['0', 'x']]],
  ['text', []],
  [null, []],
  [undefined, []],
  [7, []],
])('the entries of %j', (value, list) => {
  expect(entries(value)).toEqual(list);
});

it('a field is an own one, even with a special name', () => {
  const value: unknown = JSON.parse('{"a": 1, "__proto__": 2}');
  expect([field(value, 'a'), field(value, '__proto__'), field(value, 'constructor')]).toEqual([
    1,
    2,
    undefined,
  ]);
  expect([null, undefined, 'text', 7].map((other) => field(other, 'length'))).toEqual(
    Array(4).fill(undefined),
  );
});
