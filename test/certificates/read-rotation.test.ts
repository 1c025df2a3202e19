import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printRecord, type Contents } from '../../src/certificates/secret-contents.ts';
import { issueCa, issueServing } from '../../src/certificates/issue.ts';
import { fingerprintOf } from '../../src/certificates/certificate.ts';
import { readRotation } from '../../src/certificates/read-rotation.ts';
import { issueEllipticChain } from './elliptic.ts';
import { FOREIGN_KINDS, makeForeignCa, USABLE } from './foreign.ts';

const now = new Date('2026-01-01T00:00:00Z');
const leavesUntil = new Date('2026-02-01T00:00:00Z');
const NAMES = ['hook.system.svc', '127.0.0.1'];

const signing = await issueCa({ commonName: 'signing', now });
const next = await issueCa({ commonName: 'next', now });
const retired = await issueCa({ commonName: 'retired', now });
const leaf = await issueServing({ ca: signing, names: NAMES, now });
const id = (pem: string): string => fingerprintOf(new X509Certificate(pem));

const record = printRecord({
  signing: { id: id(signing.certificate), leavesUntil },
  retired: [{ certificate: retired.certificate, leavesUntil }],
});
const authority: Contents = {
  'ca.crt': signing.certificate,
  'ca.key': signing.key,
  'next.crt': next.certificate,
  'next.key': next.key,
  'rotation.json': record,
};
const bundle = next.certificate + signing.certificate + retired.certificate;
const serving: Contents = { 'tls.crt': leaf.certificate, 'tls.key': leaf.key, 'ca.crt': bundle };
const whole = { authority, serving, entries: [bundle, undefined, 'garbage'] };

const facts = (stored: Partial<typeof whole>, names: readonly string[] = NAMES) =>
  readRotation({ ...whole, ...stored }, names).facts;

describe('the stored certificates', () => {
  it('are read completely', () => {
    const read = facts({});
    expect(read).toMatchObject({
      signing: { id: id(signing.certificate), leavesUntil, notAfter: new Date('2027-01-01T00:00:00Z') },
      next: { id: id(next.certificate) },
      retired: [{ id: id(retired.certificate), leavesUntil }],
      isRecordLost: false,
      unrecorded: [],
      leaf: { id: id(leaf.certificate), signedBy: id(signing.certificate), coversNames: true },
    });
    const ids = [next, signing, retired].map(({ certificate }) => id(certificate));
    expect(read.servingBundle).toEqual(ids);
    expect(read.entries).toEqual([ids, undefined, undefined]);
  });

  it('are given with the certificates and keys of the ids', () => {
    const { material } = readRotation(whole, NAMES);
    expect(material.certificates.get(id(retired.certificate))).toBe(retired.certificate);
    expect([...material.keys.keys()]).toEqual([id(signing.certificate), id(next.certificate)]);
  });

  it('are absent if nothing is stored', () => {
    const nothing = { signing: undefined, next: undefined, retired: [], unrecorded: [], leaf: undefined };
    expect(facts({ authority: {}, serving: {}, entries: [] })).toEqual({
      ...nothing,
      isRecordLost: true,
      servingBundle: undefined,
      entries: [],
    });
  });

  it.each<[string, Contents]>([
    ['no record', { ...authority, 'rotation.json': '' }],
    ['a record of something else', { ...authority, 'rotation.json': '{"signing":{}}' }],
    [
      'a record with a CA that is garbage',
      { ...authority, 'rotation.json': record.replace('BEGIN', 'BEGUN') },
    ],
    ['a record of another CA', { ...authority, 'ca.crt': next.certificate, 'ca.key': next.key }],
    ['a record and no certificate', { ...authority, 'ca.crt': 'garbage' }],
    [
      'a record longer than the program writes',
      { ...authority, 'rotation.json': record + ' '.repeat(300_000) },
    ],
  ])('have lost their record with %s', (_what, contents) => {
    expect(facts({ authority: contents }).isRecordLost).toBe(true);
  });

  it('have a CA without its key as a retired one, with the life of its leaves', () => {
    const {
      signing: usable,
      retired: kept,
      isRecordLost,
    } = facts({ authority: { ...authority, 'ca.key': 'x' } });
    expect([usable, isRecordLost]).toEqual([undefined, false]);
    expect(kept.map((ca) => ca.id)).toEqual([id(retired.certificate), id(signing.certificate)]);
  });

  it('include CAs that are trusted somewhere without being on record', () => {
    expect(facts({ authority: {} }).unrecorded.map((ca) => ca.id)).toEqual(
      [next, signing, retired].map(({ certificate }) => id(certificate)),
    );
    expect(facts({ entries: [leaf.certificate] }).unrecorded).toEqual([]);
  });

  it('have no signing CA if node-forge cannot use its key', () => {
    const { ca, caKey } = issueEllipticChain(now);
    expect(facts({ authority: { 'ca.crt': ca, 'ca.key': caKey } }).signing).toBeUndefined();
  });

  it.each(FOREIGN_KINDS)('have a CA with %s as the signing one only if clients trust its leaves', (kind) => {
    const { certificate, key } = makeForeignCa(kind, now);
    const usable = USABLE.includes(kind) ? id(certificate) : undefined;
    const read = facts({
      authority: { 'ca.crt': certificate, 'ca.key': key, 'next.crt': certificate, 'next.key': key },
    });
    expect([read.signing?.id, read.next?.id]).toEqual([usable, usable]);
  });

  it('keep the twelve newest of a record with more retired CAs than a bundle can hold', () => {
    const retiredAt = (day: number, certificate: string) => ({
      certificate,
      leavesUntil: new Date(Date.UTC(2026, 1, day)),
    });
    const old = Array.from({ length: 40 }, () => retiredAt(1, next.certificate));
    const newest = Array.from({ length: 12 }, (_, index) => retiredAt(index + 2, retired.certificate));
    const signingId = id(signing.certificate);
    const long = printRecord({ signing: { id: signingId, leavesUntil }, retired: [...old, ...newest] });
    const read = facts({ authority: { ...authority, 'rotation.json': long } });
    expect(read.retired.map((ca) => ca.id)).toEqual(newest.map(() => id(retired.certificate)));
    expect(read.isRecordLost).toBe(false);
  });

  it.each<[string, Contents]>([
    ['garbage', { 'tls.crt': 'x', 'tls.key': 'x' }],
    ['a key that does not fit', { ...serving, 'tls.key': signing.key }],
    ['no key', { 'tls.crt': leaf.certificate }],
  ])('have no leaf with %s', (_what, contents) => {
    expect(facts({ serving: contents }).leaf).toBeUndefined();
  });

  it('have a leaf without the right names if a name is missing or the leaf cannot serve', () => {
    expect(facts({}, [...NAMES, 'other']).leaf?.coversNames).toBe(false);
    expect(
      facts({ serving: { 'tls.crt': signing.certificate, 'tls.key': signing.key } }).leaf?.coversNames,
    ).toBe(false);
  });

  it('may be any text', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom(...Object.values(authority), ...Object.values(serving)),
    );
    const keys = ['ca.crt', 'ca.key', 'next.crt', 'next.key', 'rotation.json', 'tls.crt', 'tls.key'];
    const contents = fc.dictionary(fc.constantFrom(...keys), text);
    fc.assert(
      fc.property(contents, contents, fc.array(text), (one, other, entries) => {
        readRotation({ authority: one, serving: other, entries }, NAMES);
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});
