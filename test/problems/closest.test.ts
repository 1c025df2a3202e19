import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closest } from '../../src/problems/closest.ts';

const KNOWN = ['outputs', 'containers', 'join', 'tbot-config'];

describe('the closest known name', () => {
  it.each([
    ['output', 'outputs'],
    ['Outputs', 'outputs'],
    ['OUTPUT', 'outputs'],
    ['otuputs', 'outputs'],
    ['contianers', 'containers'],
    ['container', 'containers'],
    ['jion', 'join'],
    ['tbotconfig', 'tbot-config'],
    ['tbot_config', 'tbot-config'],
    ['outputs', 'outputs'],
  ])('of %s is %s', (name, near) => {
    expect(closest(name, KNOWN)).toBe(near);
  });

  it.each(['foo', '', 'x', 'config', 'volumes', '__proto__', 'o'.repeat(100)])(
    'of %j does not exist',
    (name) => {
      expect(closest(name, KNOWN)).toBeUndefined();
    },
  );

  it('of a short name may differ in one letter', () => {
    expect([closest('a', ['b']), closest('ab', ['ac']), closest('ab', ['cd'])]).toEqual([
      'b',
      'ac',
      undefined,
    ]);
  });

  it('of a long name may differ in five letters', () => {
    const name = 'a'.repeat(30);
    expect(closest(name, [`${'a'.repeat(25)}bbbbb`])).toBe(`${'a'.repeat(25)}bbbbb`);
    expect(closest(name, [`${'a'.repeat(24)}bbbbbb`])).toBeUndefined();
    expect(closest(name, ['a'.repeat(35)])).toBe('a'.repeat(35));
    expect(closest(name, ['a'.repeat(36)])).toBeUndefined();
  });

  it('is the first of several with the same distance', () => {
    expect(closest('db-1', ['db-2', 'db-3'])).toBe('db-2');
    expect(closest('db-1', ['db-22', 'db-3'])).toBe('db-3');
  });

  it('does not exist for a name that is longer than any of ours', () => {
    expect(closest('a'.repeat(128), ['a'.repeat(127)])).toBe('a'.repeat(127));
    expect(closest('a'.repeat(129), ['a'.repeat(128)])).toBeUndefined();
  });

  it('has the distance of the textbook definition', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 20 });
    const property = fc.property(word, word, (name, known) => {
      const most = Math.min(5, Math.max(1, Math.floor(name.length / 3)));
      expect(closest(name, [known])).toBe(textbookDistance(name, known) <= most ? known : undefined);
    });
    fc.assert(property, { numRuns: 1000 });
  });
});

/** Optimal string alignment, directly from its definition. */
function textbookDistance(a: string, b: string): number {
  const known = new Map<string, number>();
  const distance = (i: number, j: number): number => {
    if (i === 0 || j === 0) return i + j;
    const key = `${i}/${j}`;
    let best = known.get(key);
    if (best === undefined) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      best = Math.min(distance(i - 1, j) + 1, distance(i, j - 1) + 1, distance(i - 1, j - 1) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, distance(i - 2, j - 2) + 1);
      known.set(key, best);
    }
    return best;
  };
  return distance(a.length, b.length);
}
