import { describe, expect, it } from 'vitest';
import { parseAnnotations, type ParsedAsk } from '../../src/annotations/parse.ts';
import { printProblem } from '../../src/problems/problem.ts';
import { ours } from './asks.ts';

const NOTHING = { outputs: [], containers: undefined, join: [], tbotConfig: undefined };
const KNOWN =
  'tbot-injector.io/outputs, tbot-injector.io/containers, tbot-injector.io/join or tbot-injector.io/tbot-config';

function problemsOf(parsed: ParsedAsk): string[] {
  return parsed.kind === 'nothing' ? [] : parsed.problems.map(printProblem);
}

describe('annotations ask for nothing', () => {
  it.each([
    {},
    { 'example.com/outputs': 'a' },
    { outputs: 'a', 'tbot-injector.io': 'a', 'xtbot-injector.io/outputs': 'a' },
    { 'tbot-injector.io/injected': '{"outputs":["a"]}' },
    { 'tbot-injector.io/injected': 7 },
  ])('%j', (annotations) => {
    expect(parseAnnotations(annotations)).toEqual({ kind: 'nothing' });
  });
});

describe('annotations ask', () => {
  it('for outputs, in all or some containers', () => {
    expect(parseAnnotations(ours({ outputs: 'a, b=/x' }))).toEqual({
      kind: 'ask',
      ask: { ...NOTHING, outputs: [{ name: 'a' }, { name: 'b', path: '/x' }] },
      problems: [],
    });
    expect(parseAnnotations(ours({ outputs: 'a', containers: 'app, migrate' }))).toEqual({
      kind: 'ask',
      ask: { ...NOTHING, outputs: [{ name: 'a' }], containers: ['app', 'migrate'] },
      problems: [],
    });
  });

  it('to join, with or without a configuration', () => {
    const asked = parseAnnotations({
      ...ours({ join: 'tbot', 'tbot-config': 'c=/x' }),
      'example.com/a': 'b',
    });
    expect(asked).toEqual({
      kind: 'ask',
      ask: { ...NOTHING, join: ['tbot'], tbotConfig: { name: 'c', path: '/x' } },
      problems: [],
    });
    expect(parseAnnotations(ours({ join: 'tbot' }))).toMatchObject({ ask: { tbotConfig: undefined } });
  });
});

describe('an unknown key is a problem', () => {
  it('where it is for workloads, and says where it belongs', () => {
    expect(problemsOf(parseAnnotations(ours({ 'restart-every': '20h' })))).toEqual([
      `tbot-injector.io/restart-every: found an annotation that is not for pods; expected ${KNOWN}. Fix: move it to the metadata of the Deployment, StatefulSet or DaemonSet itself`,
    ]);
  });

  it.each([
    ['output', 'write tbot-injector.io/outputs'],
    ['Outputs', 'write tbot-injector.io/outputs'],
    ['contianers', 'write tbot-injector.io/containers'],
    ['tbotconfig', 'write tbot-injector.io/tbot-config'],
    ['jion', 'write tbot-injector.io/join'],
    ['foo', 'remove it'],
    ['', 'remove it'],
    ['__proto__', 'remove it'],
    ['constructor', 'remove it'],
    ['injection', 'remove it; tbot-injector.io/injection is a label of the Namespace'],
  ])('%j', (key, fix) => {
    expect(problemsOf(parseAnnotations(ours({ [key]: 'a' })))).toEqual([
      `tbot-injector.io/${key}: found an annotation that is not known; expected ${KNOWN}. Fix: ${fix}`,
    ]);
  });

  it('quoted without what a terminal would obey, and no longer than a key may be', () => {
    const [escape, long] = [ours({ 'a\u001b[31m\n': '' }), ours({ ['a'.repeat(300)]: '' })].map(
      parseAnnotations,
    );
    expect(escape).toMatchObject({ problems: [{ where: 'tbot-injector.io/a\\u001b[31m\\n' }] });
    expect(long).toMatchObject({ problems: [{ where: `tbot-injector.io/${'a'.repeat(63)}` }] });
  });

  it('told a hundred times at most', () => {
    const keys = Array.from({ length: 101 }, (_, index) => [String(index), ''] as const);
    expect(parseAnnotations(ours(Object.fromEntries(keys)))).toMatchObject({ problems: { length: 100 } });
  });
});

describe('a value that is no string is a problem', () => {
  it.each([
    [true, 'true'],
    [600, '600'],
    [null, 'null'],
    [['a'], 'a list of 1'],
    [{ a: 1 }, 'a map of 1'],
  ])('%j', (value, found) => {
    const parsed = parseAnnotations(ours({ outputs: value }));
    expect(problemsOf(parsed)).toEqual([
      `tbot-injector.io/outputs: found ${found}; expected a string. Fix: put the value in quotes`,
    ]);
    expect(parsed).toMatchObject({ ask: NOTHING });
  });
});

describe('an annotation that needs another one', () => {
  it.each([
    ['containers', 'outputs'],
    ['tbot-config', 'join'],
  ])('%s without %s is a problem', (needy, needed) => {
    expect(problemsOf(parseAnnotations(ours({ [needy]: 'a' })))).toEqual([
      `tbot-injector.io/${needy}: found no tbot-injector.io/${needed}; expected tbot-injector.io/${needed} beside it. Fix: add tbot-injector.io/${needed}, or remove tbot-injector.io/${needy}`,
    ]);
  });

  it('is content with one that is wrong itself', () => {
    expect(problemsOf(parseAnnotations(ours({ containers: 'a', outputs: '' })))).toHaveLength(1);
  });
});

it('all problems are told at once, and what can be read is there beside them', () => {
  const parsed = parseAnnotations(
    ours({ outputs: 'a,,B', containers: 7, 'tbot-config': 'x=relative', 'tbot-confg': 'x' }),
  );
  expect(parsed).toEqual({
    kind: 'ask',
    ask: { ...NOTHING, outputs: [{ name: 'a' }] },
    problems: [
      expect.objectContaining({ code: 'empty-item' }),
      expect.objectContaining({ code: 'wrong-name' }),
      expect.objectContaining({ code: 'not-a-string' }),
      expect.objectContaining({ code: 'wrong-path' }),
      expect.objectContaining({ code: 'unknown-annotation' }),
      expect.objectContaining({ code: 'lonely-annotation' }),
    ],
  });
});
