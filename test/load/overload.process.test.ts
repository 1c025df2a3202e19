import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sendManyLarge, sendManySlowly, startTarget, type Target } from './overload.ts';

const MINUTE = 60_000;

describe('an overloaded webhook', () => {
  let target: Target;

  beforeEach(async () => {
    target = await startTarget();
  }, MINUTE);

  afterEach(() => target.end('SIGKILL'));

  it('answers others while there are slow senders, and cuts those off', { timeout: MINUTE }, async () => {
    const { meanwhile, cuts, afterwards } = await sendManySlowly(target, 100);
    expect(new Set(meanwhile.map(({ status }) => status))).toEqual(new Set([200]));
    // Before the first slow sender was cut off.
    expect(Math.max(...meanwhile.map(({ ms }) => ms))).toBeLessThan(5000);
    expect(new Set(cuts.map(({ answer }) => answer))).toEqual(new Set(['HTTP/1.1 408 Request Timeout']));
    expect(Math.min(...cuts.map(({ ms }) => ms))).toBeGreaterThan(9000);
    expect(afterwards.status).toBe(200);
  });

  it.skipIf(process.platform !== 'linux').each([65_536, 1])(
    'holds its memory when 100 bodies of 7 MiB come in chunks of %i',
    { timeout: MINUTE },
    async (chunk) => {
      const { statuses, before, peak, afterwards } = await sendManyLarge(target, 100, {
        bytes: 7_000_000,
        chunk,
      });
      // 64 MiB of bodies, and what node needs to read and drop the others.
      expect(peak - before).toBeLessThan(350);
      expect(statuses['429']).toBeGreaterThan(0);
      expect(afterwards.status).toBe(200);
    },
  );
});
