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
])('%s is read as kubectl reads it', (text, value) => {
  expect(read(text)).toEqual([value]);
});

it('a text holds documents, or none', () => {
  expect(read('a: 1\n---\nb: 2\n')).toEqual([{ a: 1 }, { b: 2 }]);
  expect(read('')).toEqual([]);
  expect(read('# a comment\n')).toEqual([]);
});

it('an alias may repeat a value, but not stand inside it', () => {
  expect(read('a: &x [1]\nb: *x')).toEqual([{ a: [1], b: [1] }]);
  const [document] = parseKubernetesYaml('a: &x [1, {b: [*x]}]');
  expect(document?.errors.map(({ code, message }) => [code, message])).toEqual([
    ['BAD_ALIAS', '*x stands inside the value that it names'],
  ]);
  expect(parseKubernetesYaml('a: *x')[0]?.errors).toEqual([]);
});
