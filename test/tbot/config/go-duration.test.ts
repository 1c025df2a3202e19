import { describe, expect, it } from 'vitest';
import { parseGoDuration, printGoDuration } from './go-duration.ts';

describe('a duration of Go', () => {
  it.each([
    ['1h30m', 5_400_000, '1h30m0s'],
    ['-1.5s', -1_500, undefined],
    ['+.5m', 30_000, '30s'],
    ['0', 0, '0s'],
    ['100ms', 100, '0.1s'],
    ['48h', 172_800_000, '48h0m0s'],
  ])('%s is %d ms', (text, ms, printed) => {
    expect(parseGoDuration(text)).toBe(ms);
    if (printed !== undefined) expect(printGoDuration(ms)).toBe(printed);
  });

  it.each(['', '1', '1d', '1h 30m', 'h', '1h30', '--1h'])('is not "%s"', (text) => {
    expect(parseGoDuration(text)).toBeUndefined();
  });
});
