import { X509Certificate } from 'node:crypto';
import { expect, it } from 'vitest';
import { issueCa, issueServing } from '../../src/certificates/issue.ts';
import { DAY_MS } from '../../src/certificates/renewal.ts';
import { isTrusted } from '../../src/certificates/trust.ts';

const now = new Date();
const caPair = await issueCa({ commonName: 'test CA', now });
const leafPair = await issueServing({ ca: caPair, names: ['a.example'], now });
const ca = new X509Certificate(caPair.certificate);
const leaf = new X509Certificate(leafPair.certificate);

it('trust ends with the CA, not only with the leaf', () => {
  expect(isTrusted(leaf, [], [ca], now)).toBe(true);
  expect(isTrusted(leaf, [], [ca], new Date(now.getTime() + 366 * DAY_MS))).toBe(false);
});

it('a leaf signs nothing', () => {
  expect(isTrusted(leaf, [], [leaf], now)).toBe(true);
  expect(isTrusted(ca, [], [leaf], now)).toBe(false);
});

it('intermediates that sign one another in a ring come to an end', () => {
  expect(isTrusted(leaf, [ca, ca, ca], [], now)).toBe(false);
});
