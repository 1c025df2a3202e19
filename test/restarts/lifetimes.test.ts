import { describe, expect, it } from 'vitest';
import { createLifetimes } from '../../src/restarts/lifetimes.ts';
import { BOTS, HOUR } from './objects.ts';

const lifetimeOf = createLifetimes(BOTS);

describe('the lifetime of an output', () => {
  it('is that of its bot, or its own', () => {
    expect(lifetimeOf('one')).toEqual({
      at: 'bots.day.tbot',
      freshness: { ttlMs: 24 * HOUR, renewalMs: HOUR },
    });
    expect(lifetimeOf('six')).toEqual({
      at: 'bots.own.outputs.six.tbot',
      freshness: { ttlMs: 21 * HOUR, renewalMs: HOUR / 2 },
    });
  });

  it('is not known of an output that is none', () => {
    expect(lifetimeOf('toString')).toBeUndefined();
  });
});
