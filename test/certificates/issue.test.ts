import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { issueCa, issueServing } from '../../src/certificates/issue.ts';
import { inspectPair } from '../../src/certificates/inspect.ts';
import { DAY_MS } from '../../src/certificates/renewal.ts';
import { FOREIGN_KINDS, makeForeignCa, USABLE } from './foreign.ts';

const now = new Date();
const ca = await issueCa({ commonName: 'test CA', now });
const names = ['localhost', '127.0.0.1', '::1', 'tbot-injector-webhook.tbot-injector-system.svc'];
const serving = await issueServing({ ca, names, now });

describe('a CA', () => {
  const certificate = new X509Certificate(ca.certificate);

  it('is a CA that signs itself', () => {
    expect(certificate.ca).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkIssued(certificate)).toBe(true);
  });

  it('lives 365 days, from one hour ago', () => {
    expect(certificate.validToDate.getTime()).toBe(wholeSecond(now.getTime() + 365 * DAY_MS));
    expect(certificate.validFromDate.getTime()).toBe(wholeSecond(now.getTime() - 60 * 60 * 1000));
  });
});

describe('a serving certificate', () => {
  it('is accepted over a real TLS connection by a client that trusts the CA, under every name', async () => {
    const server = https.createServer({ cert: serving.certificate, key: serving.key }, (_, response) => {
      response.end('hello');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    for (const servername of names) {
      await expect(get(port, servername, ca.certificate)).resolves.toBe(200);
    }
    const stranger = await issueCa({ commonName: 'test CA', now });
    await expect(get(port, 'localhost', stranger.certificate)).rejects.toThrow(/unable to verify/);
    await expect(get(port, 'elsewhere.example', ca.certificate)).rejects.toThrow(/altnames/);
    server.close();
  });

  it('lives 30 days, is no CA and serves only', () => {
    const certificate = new X509Certificate(serving.certificate);
    expect(certificate.validToDate.getTime()).toBe(wholeSecond(now.getTime() + 30 * DAY_MS));
    expect(certificate.ca).toBe(false);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  });

  it('never outlives its CA', async () => {
    const shortCa = await issueCa({ commonName: 'short', now, lifetimeDays: 2 });
    const leaf = await issueServing({ ca: shortCa, names: ['a.example'], now });
    expect(new X509Certificate(leaf.certificate).validToDate).toEqual(
      new X509Certificate(shortCa.certificate).validToDate,
    );
  });

  it.each(USABLE)('verifies by a foreign CA with %s', async (kind) => {
    const foreign = makeForeignCa(kind, now);
    const pair = await issueServing({ ca: foreign, names, now });
    const [leaf, signer] = [pair, foreign].map(({ certificate }) => new X509Certificate(certificate));
    expect(signer && leaf?.checkIssued(signer)).toBe(true);
    for (const name of names) {
      expect(inspectPair({ ...pair, ca: foreign.certificate, name }, now).kind).toBe('valid');
    }
  });

  it.each(FOREIGN_KINDS.filter((kind) => !USABLE.includes(kind)))(
    'is not signed by a CA with %s',
    async (kind) => {
      const signing = issueServing({ ca: makeForeignCa(kind, now), names, now });
      await expect(signing).rejects.toMatchObject({ code: 'unusable-ca' });
    },
  );

  it('is not issued where it would not be valid for its names', async () => {
    const signing = issueServing({ ca, names: ['a.example', 'bücher.example'], now });
    await expect(signing).rejects.toMatchObject({ code: 'no-names' });
  });

  it('needs a name, and a CA that can sign', async () => {
    await expect(issueServing({ ca, names: [], now })).rejects.toMatchObject({ code: 'no-names' });
    await expect(issueServing({ ca: serving, names, now })).rejects.toMatchObject({ code: 'unusable-ca' });
  });
});

it('serial numbers are positive, 16 bytes long and unique', async () => {
  const leaves = await Promise.all(
    Array.from({ length: 12 }, () => issueServing({ ca, names: ['a.example'], now })),
  );
  const serials = [ca, serving, ...leaves].map((pair) => new X509Certificate(pair.certificate).serialNumber);
  for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
  expect(new Set(serials).size).toBe(serials.length);
});

/** A certificate's times have no milliseconds. */
function wholeSecond(ms: number): number {
  return ms - (ms % 1000);
}

/** The status that a client gets which trusts `caPem` and connects to `name`. */
function get(port: number, name: string, caPem: string): Promise<number | undefined> {
  const options = {
    ...{ host: '127.0.0.1', port, ca: caPem, agent: false },
    checkServerIdentity: (_: string, peer: PeerCertificate) => checkServerIdentity(name, peer),
  };
  return new Promise((resolve, reject) => {
    const request = https.get(options, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on('error', reject);
  });
}
