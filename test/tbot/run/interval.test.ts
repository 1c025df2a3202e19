import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runOnInterval } from './interval.ts';

const HOUR_MS = 3_600_000;
const never = (): Promise<void> => new Promise(() => undefined);

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('a loop of tbot', () => {
  it('renews at once, and then at each interval', async () => {
    const report = vi.fn();
    const attempt = vi.fn(() => Promise.resolve());
    void runOnInterval({ attempt, report, intervalMs: HOUR_MS, tries: 5, asked: never });
    await vi.advanceTimersByTimeAsync(2 * HOUR_MS + 1);
    expect(attempt).toHaveBeenCalledTimes(3);
    expect(report.mock.calls).toEqual([[undefined], [undefined], [undefined]]);
  });

  it('tries five times, with pauses that double, and then waits for the next interval', async () => {
    const at: number[] = [];
    const report = vi.fn();
    const began = Date.now();
    const attempt = (): Promise<void> => {
      at.push((Date.now() - began) / 1000);
      return Promise.reject(new Error(`no ${at.length}`));
    };
    void runOnInterval({ attempt, report, intervalMs: HOUR_MS, tries: 5, asked: never });
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    expect(at).toEqual([0, 1, 3, 7, 15]);
    expect(report.mock.calls).toEqual([[new Error('no 5')]]);
  });

  it('waits first where it has just joined, and not when it is asked', async () => {
    const attempt = vi.fn(() => Promise.resolve());
    const { promise, resolve } = Promise.withResolvers<undefined>();
    let isAsked = false;
    const asked = (): Promise<void> => (isAsked ? never() : promise);
    void runOnInterval({ attempt, report: vi.fn(), intervalMs: HOUR_MS, tries: 7, waitsFirst: true, asked });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(attempt).not.toHaveBeenCalled();
    isAsked = true;
    resolve(undefined);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(attempt).toHaveBeenCalledOnce();
  });
});
