import { describe, expect, it } from 'vitest';
import { isDueForRenewal, renewalTime, spreadOf } from '../../src/certificates/renewal.ts';

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

  it('has a spread that only the fingerprint decides', () => {
    expect(spreadOf('00000000aa')).toBe(0);
    expect(spreadOf('80000000aa')).toBe(0.5);
    expect(spreadOf('ffffffffaa')).toBeLessThan(1);
    expect(spreadOf('no number')).toBe(0);
  });
});
