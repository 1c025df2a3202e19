import { expect, it } from 'vitest';

it.each([1, 2])('passes %i', (number) => {
  expect(number).toBeGreaterThan(0);
});
