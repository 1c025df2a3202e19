import { describe, expect, it } from 'vitest';
import { isDueForRenewal, renewalTime } from '../../src/certificates/renewal.ts';

const validity = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2026-01-31T00:00:00Z') };

describe('renewal', () => {
  it('falls at two thirds of the lifetime', () => {
    expect(renewalTime(validity)).toEqual(new Date('2026-01-21T00:00:00Z'));
  });

  it('is due from that moment on, and after the end as well', () => {
    expect(isDueForRenewal(validity, new Date('2026-01-20T23:59:59Z'))).toBe(false);
    expect(isDueForRenewal(validity, new Date('2026-01-21T00:00:00Z'))).toBe(true);
    expect(isDueForRenewal(validity, new Date('2027-01-01T00:00:00Z'))).toBe(true);
  });
});
