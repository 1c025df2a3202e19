import { beforeAll, describe, it } from 'vitest';

describe('a suite whose set-up fails', () => {
  beforeAll(() => {
    throw new Error('no set-up');
  });

  it('never runs', () => undefined);
});
