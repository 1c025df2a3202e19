import { describe, expect, it } from 'vitest';
import { isDueForRenewal, jitterOf, renewalTime } from '../../src/certificates/renewal.ts';

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

  it('comes at most a twentieth of the lifetime before that', () => {
    expect(renewalTime(validity, 0.5)).toEqual(new Date('2026-01-20T06:00:00Z'));
    expect(renewalTime(validity, 1)).toEqual(new Date('2026-01-19T12:00:00Z'));
  });

  it('has a jitter that depends on the fingerprint alone', () => {
    expect(jitterOf('00000000aa')).toBe(0);
    expect(jitterOf('80000000aa')).toBe(0.5);
    expect(jitterOf('ffffffffaa')).toBeLessThan(1);
    expect(jitterOf('no number')).toBe(0);
  });
});
