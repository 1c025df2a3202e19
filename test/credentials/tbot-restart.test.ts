import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  TBOT_RESTART_SETTINGS,
  tbotRestartDelay,
  type TbotRestartFacts,
} from '../../src/credentials/tbot-restart.ts';
import { NOW } from './objects.ts';

const SECOND = 1_000;

/** The delay in seconds; the facts are in seconds before now. */
function delay(facts: { differs: number; changed: number; restarted?: number }): number {
  const { differs, changed, restarted } = facts;
  const restartedAt = restarted === undefined ? undefined : NOW - restarted * SECOND;
  return (
    tbotRestartDelay(
      { differsSince: NOW - differs * SECOND, changedAt: NOW - changed * SECOND, restartedAt },
      NOW,
    ) / SECOND
  );
}

describe('a restart of tbot', () => {
  it.each<[string, Parameters<typeof delay>[0], number]>([
    ['waits for ten seconds without a change', { differs: 0, changed: 0 }, 10],
    ['waits for the rest of those seconds', { differs: 30, changed: 4 }, 6],
    ['comes after those seconds', { differs: 10, changed: 10 }, 0],
    ['comes at once where the last check was long ago', { differs: 500, changed: 500 }, 0],
    ['comes after a minute of changes', { differs: 60, changed: 0 }, 0],
    ['waits for the rest of that minute', { differs: 55, changed: 0 }, 5],
    ['comes a minute after the last restart', { differs: 30, changed: 30, restarted: 40 }, 20],
    ['comes at once where the last restart was long ago', { differs: 30, changed: 30, restarted: 4_000 }, 0],
    ['waits for a quiet time and for the minute', { differs: 2, changed: 1, restarted: 55 }, 9],
    [
      'accepts a last restart slightly in the future: two clocks differ',
      { differs: 30, changed: 30, restarted: -5 },
      65,
    ],
    [
      'ignores a last restart from before the clock was set back',
      { differs: 30, changed: 30, restarted: -86_400 },
      0,
    ],
    ['still waits for a quiet time then', { differs: 3, changed: 3, restarted: -86_400 }, 7],
  ])('%s', (_, facts, seconds) => {
    expect(delay(facts)).toBe(seconds);
  });

  const past = fc.integer({ min: NOW - 10_000_000, max: NOW });
  const facts: fc.Arbitrary<TbotRestartFacts> = fc.record({
    differsSince: past,
    changedAt: past,
    restartedAt: fc.option(fc.integer({ min: NOW - 10_000_000, max: NOW + 10_000_000 }), { nil: undefined }),
  });

  it('never waits longer than two minutes', () => {
    const { maxWaitMs, minIntervalMs } = TBOT_RESTART_SETTINGS;
    fc.assert(
      fc.property(facts, (each) => {
        const wait = tbotRestartDelay(each, NOW);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThanOrEqual(maxWaitMs + minIntervalMs);
      }),
      { numRuns: 1000 },
    );
  });

  it('is due after the delay, where nothing has changed', () => {
    fc.assert(
      fc.property(facts, (each) => {
        expect(tbotRestartDelay(each, NOW + tbotRestartDelay(each, NOW))).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });

  it('takes other settings', () => {
    const settings = { quietPeriodMs: 1, maxWaitMs: 2, minIntervalMs: 3 };
    expect(tbotRestartDelay({ differsSince: NOW, changedAt: NOW, restartedAt: NOW }, NOW, settings)).toBe(3);
  });
});
