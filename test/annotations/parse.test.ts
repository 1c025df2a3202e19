import { describe, expect, it } from 'vitest';
import { parseAnnotations, type ParsedAsk } from '../../src/annotations/parse.ts';
import { printProblem } from '../../src/problems/problem.ts';
import { withPrefix } from './with-prefix.ts';

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
    expect(parseAnnotations(withPrefix({ outputs: 'a, b=/x' }))).toEqual({
      kind: 'ask',
      ask: { ...NOTHING, outputs: [{ name: 'a' }, { name: 'b', path: '/x' }] },
      problems: [],
    });
    expect(parseAnnotations(withPrefix({ outputs: 'a', containers: 'app, migrate' }))).toEqual({
      kind: 'ask',
      ask: { ...NOTHING, outputs: [{ name: 'a' }], containers: ['app', 'migrate'] },
      problems: [],
    });
  });

  it('to join, with or without a configuration', () => {
    const asked = parseAnnotations({
      ...withPrefix({ join: 'tbot', 'tbot-config': 'c=/x' }),
      'example.com/a': 'b',
    });
    expect(asked).toEqual({
      kind: 'ask',
      ask: { ...NOTHING, join: ['tbot'], tbotConfig: { name: 'c', path: '/x' } },
      problems: [],
    });
    expect(parseAnnotations(withPrefix({ join: 'tbot' }))).toMatchObject({ ask: { tbotConfig: undefined } });
  });
});

describe('an unknown key is a problem', () => {
  it('where it is for workloads, with the right place as fix', () => {
    expect(problemsOf(parseAnnotations(withPrefix({ 'restart-every': '20h' })))).toEqual([
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
    expect(problemsOf(parseAnnotations(withPrefix({ [key]: 'a' })))).toEqual([
      `tbot-injector.io/${key}: found an annotation that is not known; expected ${KNOWN}. Fix: ${fix}`,
    ]);
  });

  it('and is quoted without control characters, and cut to the longest key', () => {
    const [escape, long] = [withPrefix({ 'a\u001b[31m\n': '' }), withPrefix({ ['a'.repeat(300)]: '' })].map(
      parseAnnotations,
    );
    expect(escape).toMatchObject({ problems: [{ where: 'tbot-injector.io/a\\u001b[31m\\n' }] });
    expect(long).toMatchObject({ problems: [{ where: `tbot-injector.io/${'a'.repeat(63)}` }] });
  });

  it('and at most a hundred are reported', () => {
    const keys = Array.from({ length: 101 }, (_, index) => [String(index), ''] as const);
    expect(parseAnnotations(withPrefix(Object.fromEntries(keys)))).toMatchObject({
      problems: { length: 100 },
    });
  });
});

describe('a value that is not a string is a problem', () => {
  it.each([
    [true, 'true'],
    [600, '600'],
    [null, 'null'],
    [['a'], 'a list of 1'],
    [{ a: 1 }, 'a map of 1'],
  ])('%j', (value, found) => {
    const parsed = parseAnnotations(withPrefix({ outputs: value }));
    expect(problemsOf(parsed)).toEqual([
      `tbot-injector.io/outputs: found ${found}; expected a string. Fix: put the value in quotes`,
    ]);
    expect(parsed).toMatchObject({ ask: NOTHING });
  });
});

describe('an annotation that needs a companion', () => {
  it.each([
    ['containers', 'outputs'],
    ['tbot-config', 'join'],
  ])('%s without %s is a problem', (key, companion) => {
    expect(problemsOf(parseAnnotations(withPrefix({ [key]: 'a' })))).toEqual([
      `tbot-injector.io/${key}: found no tbot-injector.io/${companion}; expected tbot-injector.io/${companion} beside it. Fix: add tbot-injector.io/${companion}, or remove tbot-injector.io/${key}`,
    ]);
  });

  it('is no problem where the companion has an invalid value', () => {
    expect(problemsOf(parseAnnotations(withPrefix({ containers: 'a', outputs: '' })))).toHaveLength(1);
  });
});

it('all problems are reported at once, together with the valid items', () => {
  const parsed = parseAnnotations(
    withPrefix({ outputs: 'a,,B', containers: 7, 'tbot-config': 'x=relative', 'tbot-confg': 'x' }),
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
      expect.objectContaining({ code: 'missing-companion' }),
    ],
  });
});
