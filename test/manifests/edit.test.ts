import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Document, isCollection, visit } from 'yaml';
import { parseKubernetesYaml } from '../../src/config/yaml.ts';
import type { AddOperation } from '../../src/injection/patch.ts';
import { editValue, editYaml } from '../../src/manifests/edit.ts';
import { readManifests, type Manifest } from '../../src/manifests/manifest.ts';

function read(text: string): readonly Manifest[] {
  const result = readManifests(text);
  if (result.kind === 'unreadable') throw new Error(result.reason);
  return result.manifests;
}

function only(text: string): Manifest {
  const [manifest, ...rest] = read(text);
  if (manifest === undefined || rest.length > 0) throw new Error('expected one document');
  return manifest;
}

const add = (path: string, value: unknown): AddOperation => ({ op: 'add', path, value });

describe('editing a manifest', () => {
  it('adds lines and keeps every existing byte', () => {
    const text = [
      'spec:',
      '  containers:',
      '  - name: a   # hi',
      "    args: [x,   'y']",
      '    env:',
      '    - {name: Z,  value: "1"}',
      '  # tail comment',
      '',
      '  volumes:   # odd',
      '  -   name: v',
      '',
    ].join('\n');
    const patch = [
      add('/spec/volumes/-', { name: 'w' }),
      add('/spec/containers/0/env/-', { name: 'B', value: 'b' }),
      add('/spec/containers/0/volumeMounts', [{ name: 'w' }]),
    ];
    expect(editYaml(only(text), patch)).toBe(
      [
        'spec:',
        '  containers:',
        '  - name: a   # hi',
        "    args: [x,   'y']",
        '    env:',
        '    - {name: Z,  value: "1"}',
        '    - name: B',
        '      value: b',
        '    volumeMounts:',
        '    - name: w',
        '  # tail comment',
        '',
        '  volumes:   # odd',
        '  -   name: v',
        '  - name: w',
        '',
      ].join('\n'),
    );
  });

  it('adds after a last line without a line break', () => {
    expect(editYaml(only('a:\n  - b'), [add('/a/-', 'c')])).toBe('a:\n  - b\n  - c\n');
  });

  it('adds after a block scalar and keeps its text', () => {
    const text = 'a:\n  - |\n    one\n    two\nb: 1\n';
    expect(editYaml(only(text), [add('/a/-', 'c')])).toBe('a:\n  - |\n    one\n    two\n  - c\nb: 1\n');
  });

  it('prints file modes in octal', () => {
    expect(editYaml(only('a: 1\n'), [add('/b', { defaultMode: 0o440 })])).toBe(
      'a: 1\nb:\n  defaultMode: 0440\n',
    );
  });

  it('fills an empty flow list with block lines', () => {
    expect(editYaml(only('a: [] # none\nb: 1\n'), [add('/a/-', { c: 1 })])).toContain('a:\n  - c: 1\n');
  });

  it('prints aliases as values, so that only one of them is edited', () => {
    const edited = editYaml(only('a: &x {k: [1]}\nb: *x\n'), [add('/a/k/-', 2)]);
    expect(parseKubernetesYaml(edited)[0]?.toJS()).toEqual({ a: { k: [1, 2] }, b: { k: [1] } });
  });

  it('keeps the line breaks of the file', () => {
    expect(editYaml(only('a:\r\n  - b\r\nc: 1\r\n'), [add('/a/-', { x: 1, z: 2 })])).toBe(
      'a:\r\n  - b\r\n  - x: 1\r\n    z: 2\r\nc: 1\r\n',
    );
  });

  it('keeps every digit of a large integer, also where it prints the whole document again', () => {
    const text = 'a: {big: 9007199254740993, list: []}\n';
    expect(editYaml(only(text), [add('/a/list/-', 1)])).toContain('big: 9007199254740993');
    expect(editYaml(only('{"big": 9007199254740993, "list": []}'), [add('/list/-', 1)])).toContain(
      'big: 9007199254740993',
    );
  });

  it.each(['0o17', '0X1f', '1e3', '.5', '-0o7', 'no', '2001-01-01', 'a\u2028b', 'a\u0085b', '', ' x', '#a'])(
    'quotes ambiguous strings where it prints the whole document again: %j',
    (value) => {
      const edited = editYaml(only(JSON.stringify({ value, list: [] })), [add('/list/-', 1)]);
      expect(edited).toContain('value: "');
      expect(edited).not.toMatch(/[\u0085\u2028]/);
      expect(parseKubernetesYaml(edited)[0]?.toJS()).toEqual({ value, list: [1] });
    },
  );

  it('keeps documents without a patch byte for byte', () => {
    const text = '# a\na:   1\n---\n\n# b\nb: [ 1,2 ]   # c\n...\n---\nc: 1';
    expect(
      read(text)
        .map((manifest) => editYaml(manifest, []))
        .join(''),
    ).toBe(text);
  });
});

describe('the two ways to edit', () => {
  const leaf = fc.oneof(fc.integer(), fc.string({ maxLength: 12 }), fc.boolean(), fc.constant(null));
  const key = fc.stringMatching(/^[a-z]{1,4}$/);
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.dictionary(key, tie('tree'), { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
      fc.array(tie('tree'), { minLength: 1, maxLength: 4 }),
    ),
  }));
  const root = fc.dictionary(key, tree, { minKeys: 1, maxKeys: 4, noNullPrototype: true });

  /** Every path in a value where something can be added. */
  function addablePaths(value: unknown, path = ''): string[] {
    if (Array.isArray(value))
      return [`${path}/-`, ...value.flatMap((item, index) => addablePaths(item, `${path}/${index}`))];
    if (typeof value !== 'object' || value === null) return [];
    return [
      `${path}/added`,
      ...Object.entries(value).flatMap(([name, child]) => addablePaths(child, `${path}/${name}`)),
    ];
  }

  it('give the same value for every style of the document', () => {
    fc.assert(
      fc.property(
        root,
        fc.boolean(),
        fc.array(fc.boolean(), { minLength: 1 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 5 }),
        leaf,
        (value, indentSeq, flows, picks, added) => {
          const document = new Document(value, { version: '1.1' });
          let turn = 0;
          visit(document, {
            Collection(_, node) {
              if (isCollection(node) && node !== document.contents)
                node.flow = flows[turn++ % flows.length] === true;
            },
          });
          const manifest = only(document.toString({ indentSeq }));
          const all = addablePaths(value);
          const patch = [...new Set(picks.map((pick) => all[pick % all.length] ?? ''))].map((path) =>
            add(path, [{ x: added }]),
          );
          const edited = editYaml(manifest, patch);
          expect(parseKubernetesYaml(edited)[0]?.toJS()).toEqual(editValue(manifest, patch));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
