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

function pass(ms: number): boolean {
  wall += ms;
  monotonic += ms;
  return look();
}

function look(): boolean {
  vi.advanceTimersByTime(1_000);
  return watchdog.signal.aborted;
}

it('a silence ends when something is heard, and is then as long as it was told', () => {
  expect(pass(9_000)).toBe(false);
  watchdog.heard(25_000);
  expect(pass(24_000)).toBe(false);
  expect(pass(1_000)).toBe(true);
  expect(watchdog.signal.reason).toHaveProperty('name', 'TimeoutError');
});

it('a machine that wakes from sleep has heard nothing for as long', () => {
  wall += 2 * HOURS;
  expect(look()).toBe(true);
});

it('a wall clock set back blinds nobody', () => {
  wall -= 2 * HOURS;
  expect(pass(9_000)).toBe(false);
  expect(pass(1_000)).toBe(true);
});

it('one that was stopped is silent itself', () => {
  watchdog.stop();
  expect(pass(60_000)).toBe(false);
});
