import { describe, expect, it } from 'vitest';
import { printProblem } from '../../src/problems/problem.ts';
import { readInterval } from '../../src/restarts/interval.ts';
import { HOUR } from './objects.ts';

describe('the interval of restarts', () => {
  it.each([
    ['12h', 12],
    ['20h', 20],
    [' 720m ', 12],
    ['19h30m', 19.5],
    ['8760h', 8760],
  ])('%j is %d hours', (text, hours) => {
    expect(readInterval(text)).toEqual({ kind: 'interval', ms: hours * HOUR });
  });

  it.each([
    ['11h59m59s', '"11h59m59s"'],
    ['1h', '"1h"'],
    ['0s', '"0s"'],
    ['', '""'],
    ['daily', '"daily"'],
    ['1d', '"1d"'],
    ['-20h', '"-20h"'],
    ['8761h', '"8761h"'],
    [20, '20'],
    [null, 'null'],
    [{ hours: 20 }, 'a map of 1'],
  ])('%j is refused', (value, found) => {
    const interval = readInterval(value);
    expect(interval.kind === 'problem' && printProblem(interval.problem)).toBe(
      `tbot-injector.io/restart-every: found ${found}; expected a duration from 12h to 8760h, such as 20h. Fix: write "20h", or remove it where the program notices renewed credentials by itself`,
    );
  });

  it('of more digits than there is time is refused', () => {
    expect(readInterval(`${'9'.repeat(400)}h`).kind).toBe('problem');
  });
});
