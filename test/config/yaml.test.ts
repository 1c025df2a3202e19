import { expect, it } from 'vitest';
import { parseKubernetesYaml } from '../../src/config/yaml.ts';

function read(text: string): unknown[] {
  return parseKubernetesYaml(text).map((document) => document.toJS() as unknown);
}

it.each([
  ['0440', 0o440],
  ['on', true],
  ['off', false],
  ['yes', true],
  ['2026-01-01', '2026-01-01'],
  ['1:30', '1:30'],
  ['1:30.5', '1:30.5'],
  ['"0440"', '0440'],
  ['~', null],
  ['.', '.'],
  ['-.', '-.'],
  ['e3', 'e3'],
  ['.e3', '.e3'],
  ['._e3', '._e3'],
  ['.5', 0.5],
  ['5.', 5],
  ['.5e3', 500],
  ['1_0e3', 10_000],
  ['1.5.6', '1.5.6'],
  ['.inf', Infinity],
  ['0o440', 0o440],
  ['-0O1_7', -0o17],
  ['0X1F', 31],
  ['0B11', 3],
  ['0o8', '0o8'],
  ['0o_', '0o_'],
])('%s has the same value as in kubectl', (text, value) => {
  expect(read(text)).toEqual([value]);
});

it('an integer keeps every digit with the option exact', () => {
  const [document] = parseKubernetesYaml('[9007199254740993, 0o17, -0X1F]', { exact: true });
  expect(document?.toJS()).toEqual([9007199254740993n, 15n, -31n]);
});

it('a text has any number of documents', () => {
  expect(read('a: 1\n---\nb: 2\n')).toEqual([{ a: 1 }, { b: 2 }]);
  expect(read('')).toEqual([]);
  expect(read('# a comment\n')).toEqual([]);
});

it('an alias may repeat a value, but must not be inside it', () => {
  expect(read('a: &x [1]\nb: *x')).toEqual([{ a: [1], b: [1] }]);
  const [document] = parseKubernetesYaml('a: &x [1, {b: [*x]}]');
  expect(document?.errors.map(({ code, message }) => [code, message])).toEqual([
    ['BAD_ALIAS', '*x stands inside the value that it names'],
  ]);
  expect(parseKubernetesYaml('a: *x')[0]?.errors).toEqual([]);
});
