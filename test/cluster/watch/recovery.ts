import { expect } from 'vitest';
import type { Recovery } from './trial.ts';

/** What must hold after every fault, and how late at most. */
export function expectRecovery(recovery: Recovery | undefined): void {
  const { seconds, secondsAfterwards, wrong, watches, restarts, contact, ended } =
    recovery ?? expect.fail('it has not been tried');
  expect(seconds).toBeLessThan(35);
  expect(wrong).toEqual([]);
  expect(secondsAfterwards).toBeLessThan(10);
  expect(watches.most).toBe(1);
  expect(restarts).toEqual({
    counted: restarts.counted,
    reported: restarts.counted,
    scraped: restarts.counted,
  });
  expect(contact.after).toBeGreaterThanOrEqual(ended);
  expect(contact.scraped).toBeCloseTo(contact.after, -3);
}
