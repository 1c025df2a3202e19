import { expect, it } from 'vitest';
import { processIdentity } from '../../src/app/controller.ts';

it('gives every process an identity of its own', () => {
  expect(new Set([processIdentity(), processIdentity()]).size).toBe(2);
});
