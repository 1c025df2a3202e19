import { expect, it } from 'vitest';
import { backoffMs } from '../../src/kubernetes/backoff.ts';

const limits = { initialMs: 100, maxMs: 1_000 };
const delays = (random: number): number[] => [0, 1, 2, 3, 4, 5, 60].map((n) => backoffMs(n, random, limits));

it('the back-off doubles up to its maximum, and is 0 without a failure', () => {
  expect(delays(1)).toEqual([0, 100, 200, 400, 800, 1_000, 1_000]);
});

it('half of the back-off is random', () => {
  expect(delays(0)).toEqual([0, 50, 100, 200, 400, 500, 500]);
  expect(backoffMs(1, 0.5, limits)).toBe(75);
});
