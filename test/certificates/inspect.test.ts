import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { inspectCa, inspectPair, type PairToInspect } from '../../src/certificates/inspect.ts';
import { issueCa, issueServing } from '../../src/certificates/issue.ts';
import { DAY_MS } from '../../src/certificates/renewal.ts';
import { issueEllipticChain } from './elliptic.ts';
import { makeForeignCa, type ForeignKind } from './foreign.ts';

const now = new Date('2026-03-01T12:00:00.000Z');
const ca = await issueCa({ commonName: 'test CA', now });
const otherCa = await issueCa({ commonName: 'test CA', now });
const pair = await issueServing({ ca, names: ['a.example', '127.0.0.1', '::1'], now });
const other = await issueServing({ ca, names: ['a.example'], now });
const later = (days: number): Date => new Date(now.getTime() + days * DAY_MS);

describe('a certificate with unreadable dates', () => {
  const date = '260331120000Z';
  const der = Buffer.from(pair.certificate.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const at = der.indexOf(date);
  der.write('26XX', at, 'latin1');
  const certificate = `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;

  it('does not count as valid', () => {
    expect(at).toBeGreaterThan(0);
    expect(inspectPair({ ...pair, certificate }, now)).toMatchObject({
      kind: 'invalid',
      code: 'unreadable-certificate',
    });
  });
});

describe('a valid pair', () => {
  it('gives its names and its lifetime', () => {
    expect(inspectPair({ ...pair, ca: ca.certificate, name: 'a.example' }, now)).toEqual({
      kind: 'valid',
      notBefore: new Date('2026-03-01T11:00:00.000Z'),
      notAfter: later(30),
      names: ['a.example', '127.0.0.1', '0:0:0:0:0:0:0:1'],
    });
  });

  it('is valid for any of its names', () => {
    for (const name of ['a.example', '127.0.0.1', '::1', '0:0:0:0:0:0:0:1']) {
      expect(inspectPair({ ...pair, name }, now).kind).toBe('valid');
    }
  });

  it('may chain to any CA of a bundle', () => {
    const bundle = `# old and new\n${otherCa.certificate}\n${ca.certificate}`;
    expect(inspectPair({ ...pair, ca: bundle }, now).kind).toBe('valid');
  });

  it('may chain over intermediates, and the key need not be RSA', () => {
    const chain = issueEllipticChain(now);
    expect(inspectPair({ ...chain, name: 'b.example' }, now)).toMatchObject({ names: ['b.example'] });
    const [leaf = ''] = chain.certificate.split(/(?<=END CERTIFICATE-----\n)/);
    expect(inspectPair({ ...chain, certificate: leaf }, now)).toMatchObject({ code: 'untrusted' });
  });
});

describe('an invalid pair is reported', () => {
  const cases: Record<string, [PairToInspect, Date, string, RegExp]> = {
    expired: [pair, later(31), 'expired', /expired at 2026-03-31T12:00:00.000Z/],
    'not yet valid': [pair, later(-1), 'not-yet-valid', /valid from 2026-03-01T11:00:00.000Z/],
    'with the key of another': [{ ...pair, key: other.key }, now, 'key-mismatch', /not the key of/],
    'with garbage for a certificate': [
      { ...pair, certificate: 'garbage' },
      now,
      'unreadable-certificate',
      /PEM/,
    ],
    'with no certificate': [{ ...pair, certificate: '' }, now, 'unreadable-certificate', /PEM/],
    'with a damaged certificate': [
      { ...pair, certificate: pair.certificate.replace(/\n[A-Za-z0-9+/]{64}\n/, '\n') },
      now,
      'unreadable-certificate',
      /PEM/,
    ],
    'with garbage for a key': [{ ...pair, key: 'garbage' }, now, 'unreadable-key', /PEM key/],
    'with an encrypted key': [{ ...pair, key: encryptedKey() }, now, 'unreadable-key', /unencrypted/],
    'with a huge certificate': [{ ...pair, certificate: 'x'.repeat(200_000) }, now, 'too-large', /131072/],
    'with a huge key': [{ ...pair, key: 'x'.repeat(20_000) }, now, 'too-large', /16384/],
    'with an endless chain': [
      { ...pair, certificate: pair.certificate.repeat(33) },
      now,
      'too-large',
      /32 cert/,
    ],
    'with a CA bundle of garbage': [{ ...pair, ca: 'garbage' }, now, 'unreadable-ca', /bundle/],
    'signed by another CA of the same name': [
      { ...pair, ca: otherCa.certificate },
      now,
      'untrusted',
      /signed/,
    ],
    'under another name': [
      { ...pair, name: 'b.example' },
      now,
      'wrong-name',
      /for a\.example, .* not for b\.ex/,
    ],
    'that is a CA and has no name': [ca, now, 'nameless', /no DNS name/],
  };
  it.each(Object.entries(cases))('%s', (_, [subject, at, code, reason]) => {
    expect(inspectPair(subject, at)).toEqual({
      kind: 'invalid',
      code,
      reason: expect.stringMatching(reason) as string,
    });
  });
});

describe('the key of a leaf', () => {
  const keys = {
    RSA: generateKeyPairSync('rsa', { modulusLength: 2048 }),
    'P-384': generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    'P-521': generateKeyPairSync('ec', { namedCurve: 'P-521' }),
    Ed25519: generateKeyPairSync('ed25519'),
    secp256k1: generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
    'RSA-PSS': generateKeyPairSync('rsa-pss', { modulusLength: 2048 }),
    Ed448: generateKeyPairSync('ed448'),
  };
  it.each(['RSA', 'P-384', 'P-521', 'Ed25519'] as const)('may be %s', (kind) => {
    const chain = issueEllipticChain(now, keys[kind]);
    expect(inspectPair({ ...chain, name: 'b.example' }, now)).toMatchObject({ kind: 'valid' });
  });

  it.each(['secp256k1', 'RSA-PSS', 'Ed448'] as const)('cannot be %s: no API server accepts it', (kind) => {
    const chain = issueEllipticChain(now, keys[kind]);
    expect(inspectPair({ ...chain, name: 'b.example' }, now)).toEqual({
      kind: 'invalid',
      code: 'not-for-serving',
      reason: 'the key of the certificate is not one of RSA, ECDSA on P-256, P-384 or P-521, or Ed25519',
    });
  });
});

describe('a CA', () => {
  it('can sign, a serving pair cannot', () => {
    expect(inspectCa(ca, now)).toMatchObject({ kind: 'valid', notAfter: later(365) });
    expect(inspectCa(pair, now)).toMatchObject({ kind: 'invalid', code: 'not-a-ca' });
  });

  it.each<[ForeignKind, string]>([
    ['an extended key usage for clients', 'its extended key usage lacks serverAuth'],
    ['name constraints', 'it is constrained to some names'],
    ['name constraints that are not critical', 'it is constrained to some names'],
    ['an unknown critical extension', 'its critical extension 1.2.3.4 is a strange one'],
    ['a key of 512 bits', 'its key is shorter than 2048 bits'],
    ['a key of 1,024 bits', 'its key is shorter than 2048 bits'],
  ])('with %s cannot sign', (kind, why) => {
    expect(inspectCa(makeForeignCa(kind, now), now)).toEqual({
      kind: 'invalid',
      code: 'not-for-signing',
      reason: `the CA cannot sign serving certificates: ${why}`,
    });
  });

  it('with an elliptic key cannot sign', () => {
    const { ca: certificate, caKey: key } = issueEllipticChain(now);
    expect(inspectCa({ certificate, key }, now)).toMatchObject({ code: 'not-for-signing' });
  });
});

it('text crafted against the PEM reader is refused like other text without a certificate', () => {
  const crafted = '-----BEGIN CERTIFICATE-----\n'.repeat(4500);
  expect(inspectPair({ certificate: crafted, key: pair.key }, now)).toMatchObject({
    code: 'unreadable-certificate',
  });
});

function encryptedKey(): string {
  const encoding = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' } as const;
  const publicKeyEncoding = { type: 'spki', format: 'pem' } as const;
  return generateKeyPairSync('ec', { namedCurve: 'P-256', publicKeyEncoding, privateKeyEncoding: encoding })
    .privateKey;
}
