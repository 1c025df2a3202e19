import type { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { AUTHORITY_KEYS, parseRecord, SERVING_KEYS, type Contents, type RotationRecord } from './contents.ts';
import { notForServing } from './inspect.ts';
import { matchPair, type KeyPair } from './pair.ts';
import { idOf, readCertificates } from './pem.ts';
import type { Bundle, Ca, CertificateId, Leaf, RotationFacts, SignerCa } from './rotation-facts.ts';
import { MOST_RETIRED } from './rotation.ts';
import { notForSigning } from './signing.ts';
import { vouchesFor } from './trust.ts';

/** Both Secrets and the bundle of every webhook entry (undefined where it has none), as they were read. */
export interface StoredRotation {
  readonly authority: Contents;
  readonly serving: Contents;
  readonly entries: readonly (string | undefined)[];
}

/** What stands behind the ids: PEM texts of CAs, and the keys of those that sign or will. */
export interface Material {
  readonly certificates: ReadonlyMap<CertificateId, string>;
  readonly keys: ReadonlyMap<CertificateId, string>;
}

/** What can be read off what is stored; the rest is the observer's. */
export type ReadFacts = Omit<RotationFacts, 'heldMs' | 'hasPublishingFailed'>;

/** Reads everything stored as `rotation.ts` wants it; whatever is garbage reads as absent. `names` are the leaf's. */
export function readRotation(
  stored: StoredRotation,
  names: readonly string[],
): { readonly facts: ReadFacts; readonly material: Material } {
  const { authority, serving, entries } = stored;
  const signing = readCa(authority, AUTHORITY_KEYS.certificate, AUTHORITY_KEYS.key);
  const next = readCa(authority, AUTHORITY_KEYS.nextCertificate, AUTHORITY_KEYS.nextKey);
  const record = parseRecord(authority[AUTHORITY_KEYS.record]);
  const retired = readRetired(record, signing);
  const published = entries.map((entry) => readBundle(entry));
  const companion = readBundle(serving[SERVING_KEYS.bundle]);

  const recorded = [signing.usable, next.usable, ...retired.map(({ x509 }) => x509)].filter(isThere);
  const recordedIds = new Set(recorded.map(idOf));
  const seen = [
    signing.certificate,
    next.certificate,
    ...(companion ?? []),
    ...published.flatMap((b) => b ?? []),
  ];
  const strays = distinct(seen.filter(isThere).filter((x509) => x509.ca && !recordedIds.has(idOf(x509))));
  const known = [...recorded, ...strays];

  const isWhole = record !== undefined && retired.length >= Math.min(record.retired.length, MOST_RETIRED);
  const isRecordLost =
    !isWhole || signing.certificate === undefined || idOf(signing.certificate) !== record.signing.id;
  const facts: ReadFacts = {
    signing: signing.usable && {
      ...caOf(signing.usable),
      // Where nobody knows any more, the leaves live as long as they can.
      leavesUntil: isRecordLost ? signing.usable.validToDate : record.signing.leavesUntil,
    },
    next: next.usable && caOf(next.usable),
    retired: retired.map(({ ca }) => ca),
    isRecordLost,
    strays: strays.map(caOf),
    leaf: readLeaf(serving, names, known),
    companion: companion?.map(idOf),
    entries: published.map((bundle): Bundle => bundle?.map(idOf)),
  };
  const keys = [signing, next].flatMap(({ usable, key }) =>
    usable === undefined ? [] : [[idOf(usable), key] as const],
  );
  return {
    facts,
    material: {
      certificates: new Map(known.map((x509) => [idOf(x509), x509.toString()])),
      keys: new Map(keys),
    },
  };
}

interface StoredCa {
  /** Whatever its key is worth. */
  readonly certificate: X509Certificate | undefined;
  /** The same where it can sign. */
  readonly usable: X509Certificate | undefined;
  readonly key: string;
}

function readCa(contents: Contents, certificateKey: string, keyKey: string): StoredCa {
  const pair = { certificate: contents[certificateKey] ?? '', key: contents[keyKey] ?? '' };
  const [certificate] = readBundle(pair.certificate) ?? [];
  const open = matchPair(pair);
  const signs = open.kind === 'open' && notForSigning(open.leaf) === undefined;
  return { certificate, usable: signs ? open.leaf : undefined, key: pair.key };
}

interface Retired {
  readonly ca: SignerCa;
  readonly x509: X509Certificate;
}

function readRetired(record: RotationRecord | undefined, signing: StoredCa): readonly Retired[] {
  // Of a record that somebody made longer; a bundle of all of them could not be read back.
  const newest = (record?.retired ?? [])
    .toSorted((a, b) => b.leavesUntil.getTime() - a.leavesUntil.getTime())
    .slice(0, MOST_RETIRED);
  const recorded = newest.flatMap(({ certificate, leavesUntil }) => {
    const [x509] = readBundle(certificate) ?? [];
    return x509 === undefined ? [] : [{ x509, leavesUntil }];
  });
  // A CA that has lost its key signs nothing any more; what it signed lives on.
  const { certificate: keyless } = signing;
  const isKeyless =
    keyless !== undefined && signing.usable === undefined && idOf(keyless) === record?.signing.id;
  const lost = isKeyless ? [{ x509: keyless, leavesUntil: record.signing.leavesUntil }] : [];
  return [...recorded, ...lost].map(({ x509, leavesUntil }) => ({
    x509,
    ca: { ...caOf(x509), leavesUntil },
  }));
}

function readLeaf(
  serving: Contents,
  names: readonly string[],
  cas: readonly X509Certificate[],
): Leaf | undefined {
  const pair = { certificate: serving[SERVING_KEYS.certificate] ?? '', key: serving[SERVING_KEYS.key] ?? '' };
  const open = matchPair(pair);
  if (open.kind === 'invalid' || isRefusedByTls(pair)) return undefined;
  const { leaf } = open;
  const signer = cas.find((ca) => vouchesFor(ca, leaf));
  return {
    id: idOf(leaf),
    notBefore: leaf.validFromDate,
    notAfter: leaf.validToDate,
    signedBy: signer && idOf(signer),
    isNamed: names.every((name) => notForServing(leaf, name) === undefined),
  };
}

/** A key too short for OpenSSL, say: no webhook could serve with it. */
function isRefusedByTls(pair: KeyPair): boolean {
  try {
    createSecureContext({ cert: pair.certificate, key: pair.key });
    return false;
  } catch {
    return true;
  }
}

function readBundle(pem: string | undefined): readonly X509Certificate[] | undefined {
  const read = readCertificates(pem ?? '');
  return read.kind === 'read' ? read.certificates : undefined;
}

function caOf(x509: X509Certificate): Ca {
  return { id: idOf(x509), notBefore: x509.validFromDate, notAfter: x509.validToDate };
}

function distinct(certificates: readonly X509Certificate[]): readonly X509Certificate[] {
  return [...new Map(certificates.map((x509) => [idOf(x509), x509])).values()];
}

function isThere<T>(value: T | undefined): value is T {
  return value !== undefined;
}
