import { expect, it } from 'vitest';
import { Restraint } from '../../src/controller/restraint.ts';

it('a burst of writes goes through, a storm is slowed down, and a quiet minute forgives', () => {
  const restraint = new Restraint(60);
  for (let at = 0; at < 59; at++) restraint.wrote(at * 100);
  expect(restraint.pauseMs(6_000)).toBe(0);
  restraint.wrote(6_000);
  expect(restraint.pauseMs(6_000)).toBe(15_000);
  expect(restraint.pauseMs(61_000)).toBe(0);
});
