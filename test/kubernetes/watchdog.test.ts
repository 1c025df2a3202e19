import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Watchdog } from '../../src/kubernetes/watchdog.ts';

const HOURS = 3_600_000;
let wall: number;
let monotonic: number;
let watchdog: Watchdog;

beforeEach(() => {
  vi.useFakeTimers();
  wall = Date.parse('2026-03-01T12:00:00Z');
  monotonic = 1_000;
  watchdog = new Watchdog({ now: () => wall, monotonic: () => monotonic }, 10_000);
});

afterEach(() => {
  watchdog.stop();
  vi.useRealTimers();
});

function advance(ms: number): boolean {
  wall += ms;
  monotonic += ms;
  return check();
}

function check(): boolean {
  vi.advanceTimersByTime(1_000);
  return watchdog.signal.aborted;
}

it('data ends a silence, and sets the allowed length of the next one', () => {
  expect(advance(9_000)).toBe(false);
  watchdog.heard(25_000);
  expect(advance(24_000)).toBe(false);
  expect(advance(1_000)).toBe(true);
  expect(watchdog.signal.reason).toHaveProperty('name', 'TimeoutError');
});

it('the sleep of a machine counts as silence', () => {
  wall += 2 * HOURS;
  expect(check()).toBe(true);
});

it('a wall clock set back does not hide a silence', () => {
  wall -= 2 * HOURS;
  expect(advance(9_000)).toBe(false);
  expect(advance(1_000)).toBe(true);
});

it('a stopped watchdog reports nothing', () => {
  watchdog.stop();
  expect(advance(60_000)).toBe(false);
});
