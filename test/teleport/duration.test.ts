import { describe, expect, it } from 'vitest';
import { parseDuration, printDuration } from '../../src/teleport/duration.ts';

describe('a Go duration', () => {
  it.each([
    ['1h', 3600],
    ['1h30m', 5400],
    ['1.5h', 5400],
    ['20m', 1200],
    ['90s', 90],
    ['250ms', 0.25],
    ['1us', 1e-6],
    ['1ns', 1e-9],
    ['0s', 0],
    ['1h1h', 7200],
    ['.5h', 1800],
    ['1.h', 3600],
    ['1.h.5m', 3630],
    ['5µs', 5e-6],
    ['5μs', 5e-6],
  ])('%s is %d seconds', (text, seconds) => {
    expect(parseDuration(text)).toBeCloseTo(seconds, 12);
  });

  it.each([
    '',
    '1',
    'h',
    '1 h',
    ' 1h',
    '1h ',
    '1d',
    '-1h',
    '+1h',
    '1hh',
    '.h',
    '.',
    '1..h',
    '1.1.h',
    'x1h',
    '1h30',
    '1H',
    '１h',
  ])('%j is invalid', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it.each([
    [73_200_000, '20h20m'],
    [86_400_000, '24h'],
    [3_601_000, '1h1s'],
    [90_000, '1m30s'],
    [500, '1s'],
    [0, '0s'],
  ])('prints %d ms as %s', (ms, text) => {
    expect(printDuration(ms)).toBe(text);
    expect((parseDuration(text) ?? NaN) * 1000).toBe(Math.ceil(ms / 1000) * 1000);
  });
});
