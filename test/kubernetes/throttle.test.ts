import { describe, expect, it } from 'vitest';
import { parseRetryAfter, Throttle } from '../../src/kubernetes/throttle.ts';

const now = Date.parse('2026-03-01T12:00:00Z');

describe('Retry-After', () => {
  it.each([
    ['1', 1_000],
    ['0', 0],
    ['Sun, 01 Mar 2026 12:00:05 GMT', 5_000],
    ['Sun, 01 Mar 2026 11:00:00 GMT', 0],
    ['86400', 60_000],
    ['-5', 0],
  ])('%s means %d ms', (header, wait) => {
    expect(parseRetryAfter(header, now)).toBe(wait);
  });

  it.each([undefined, '', ' ', 'soon'])('%j means nothing', (header) => {
    expect(parseRetryAfter(header, now)).toBeUndefined();
  });
});

it('a throttle counts down the wait of 429 and 503, and ignores other statuses', () => {
  let clock = now;
  const throttle = new Throttle({ now: () => clock, monotonic: () => clock });
  throttle.note(200, '30');
  throttle.note(429, undefined);
  expect(throttle.waitMs()).toBe(0);
  throttle.note(429, '3');
  expect(throttle.waitMs()).toBe(3_000);
  clock += 2_000;
  expect(throttle.waitMs()).toBe(1_000);
  throttle.note(503, '7');
  expect(throttle.waitMs()).toBe(7_000);
  clock += 10_000;
  expect(throttle.waitMs()).toBe(0);
});

it('a wall clock set back by hours adds nothing to the wait', () => {
  let wall = now;
  const throttle = new Throttle({ now: () => wall, monotonic: () => 1_000 });
  throttle.note(429, '3');
  wall -= 2 * 3_600_000;
  expect(throttle.waitMs()).toBe(3_000);
});
