import { expect, it } from 'vitest';
import { RateLimiter } from '../../../src/controller/runtime/work-queue.ts';

it('the rate limiter lets a burst of writes through, delays more of them, and starts again after a quiet minute', () => {
  const rateLimiter = new RateLimiter(60);
  for (let at = 0; at < 59; at++) rateLimiter.wrote(at * 100);
  expect(rateLimiter.pauseMs(6_000)).toBe(0);
  rateLimiter.wrote(6_000);
  expect(rateLimiter.pauseMs(6_000)).toBe(15_000);
  expect(rateLimiter.pauseMs(61_000)).toBe(0);
});
