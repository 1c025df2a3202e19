import type { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { fingerprintOf, readCertificates } from './certificate.ts';
import { checkCanServe, checkCanSign } from './inspect.ts';
import { parseKeyPair, type KeyPair } from './key-pair.ts';
import type { Bundle, Ca, CaMaterial, Leaf, RotationFacts, SignerCa } from './rotation-facts.ts';
import { MAX_RETIRED } from './rotation.ts';
import {
  CA_SECRET_KEYS,
  parseRecord,
  SERVING_SECRET_KEYS,
  type Contents,
  type RotationRecord,
} from './secret-contents.ts';
import { isIssuedBy } from './trust.ts';

/** Both Secrets and the bundle of every webhook entry (undefined where it has none), as they were read. */
export interface StoredRotation {
  readonly authority: Contents;
  readonly serving: Contents;
  readonly entries: readonly (string | undefined)[];
}

/** The facts that are stored. The caller adds the rest, which only a running process knows. */
export type StoredFacts = Omit<RotationFacts, 'unchangedMs' | 'hasPublishingFailed'>;

/** Reads what is stored into facts; garbage reads as absent. `names` are those that the leaf must cover. Never throws. */
export function readRotation(
  stored: StoredRotation,
  names: readonly string[],
): { readonly facts: StoredFacts; readonly material: CaMaterial } {
  const { authority, serving, entries } = stored;
  const signing = readCa(authority, CA_SECRET_KEYS.certificate, CA_SECRET_KEYS.key);
  const next = readCa(authority, CA_SECRET_KEYS.nextCertificate, CA_SECRET_KEYS.nextKey);
  const record = parseRecord(authority[CA_SECRET_KEYS.record]);
  const retired = readRetired(record, signing);
  const published = entries.map((entry) => readBundle(entry));
  const servingBundle = readBundle(serving[SERVING_SECRET_KEYS.bundle]);

  const recorded = [signing.usable, next.usable, ...retired.map(({ x509 }) => x509)].filter(isThere);
  const recordedIds = new Set(recorded.map(fingerprintOf));
  const seen = [
    signing.certificate,
    next.certificate,
    ...(servingBundle ?? []),
    ...published.flatMap((b) => b ?? []),
  ];
  const unrecorded = distinct(
    seen.filter(isThere).filter((x509) => x509.ca && !recordedIds.has(fingerprintOf(x509))),
  );
  const known = [...recorded, ...unrecorded];

  const isComplete = record !== undefined && retired.length >= Math.min(record.retired.length, MAX_RETIRED);
  const isRecordLost =
    !isComplete ||
    signing.certificate === undefined ||
    fingerprintOf(signing.certificate) !== record.signing.id;
  const facts: StoredFacts = {
    signing: signing.usable && {
      ...caOf(signing.usable),
      // Without a record, the leaves are taken to live as long as they can.
      leavesUntil: isRecordLost ? signing.usable.validToDate : record.signing.leavesUntil,
    },
    next: next.usable && caOf(next.usable),
    retired: retired.map(({ ca }) => ca),
    isRecordLost,
    unrecorded: unrecorded.map(caOf),
    leaf: readLeaf(serving, names, known),
    servingBundle: servingBundle?.map(fingerprintOf),
    entries: published.map((bundle): Bundle => bundle?.map(fingerprintOf)),
  };
  const keys = [signing, next].flatMap(({ usable, key }) =>
    usable === undefined ? [] : [[fingerprintOf(usable), key] as const],
  );
  return {
    facts,
    material: {
      certificates: new Map(known.map((x509) => [fingerprintOf(x509), x509.toString()])),
      keys: new Map(keys),
    },
  };
}

interface StoredCa {
  /** Whether its key fits or not. */
  readonly certificate: X509Certificate | undefined;
  /** The same certificate where it can sign. */
  readonly usable: X509Certificate | undefined;
  readonly key: string;
}

function readCa(contents: Contents, certificateKey: string, keyKey: string): StoredCa {
  const pair = { certificate: contents[certificateKey] ?? '', key: contents[keyKey] ?? '' };
  const [certificate] = readBundle(pair.certificate) ?? [];
  const parsed = parseKeyPair(pair);
  const canSign = parsed.kind === 'parsed' && checkCanSign(parsed.leaf) === undefined;
  return { certificate, usable: canSign ? parsed.leaf : undefined, key: pair.key };
}

interface Retired {
  readonly ca: SignerCa;
  readonly x509: X509Certificate;
}

function readRetired(record: RotationRecord | undefined, signing: StoredCa): readonly Retired[] {
  // Another writer may have made the record longer; a bundle of all its CAs could not be read back.
  const newest = (record?.retired ?? [])
    .toSorted((a, b) => b.leavesUntil.getTime() - a.leavesUntil.getTime())
    .slice(0, MAX_RETIRED);
  const recorded = newest.flatMap(({ certificate, leavesUntil }) => {
    const [x509] = readBundle(certificate) ?? [];
    return x509 === undefined ? [] : [{ x509, leavesUntil }];
  });
  // A CA that has lost its key signs nothing any more; the leaves that it signed live on.
  const { certificate: keyless } = signing;
  const isKeyless =
    keyless !== undefined && signing.usable === undefined && fingerprintOf(keyless) === record?.signing.id;
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
  const pair = {
    certificate: serving[SERVING_SECRET_KEYS.certificate] ?? '',
    key: serving[SERVING_SECRET_KEYS.key] ?? '',
  };
  const parsed = parseKeyPair(pair);
  if (parsed.kind === 'invalid' || isRefusedByTls(pair)) return undefined;
  const { leaf } = parsed;
  const signer = cas.find((ca) => isIssuedBy(leaf, ca));
  return {
    id: fingerprintOf(leaf),
    notBefore: leaf.validFromDate,
    notAfter: leaf.validToDate,
    signedBy: signer && fingerprintOf(signer),
    coversNames: names.every((name) => checkCanServe(leaf, name) === undefined),
  };
}

/** OpenSSL refuses it, as a key that is too short: no webhook could serve with it. */
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
  return { id: fingerprintOf(x509), notBefore: x509.validFromDate, notAfter: x509.validToDate };
}

function distinct(certificates: readonly X509Certificate[]): readonly X509Certificate[] {
  return [...new Map(certificates.map((x509) => [fingerprintOf(x509), x509])).values()];
}

function isThere<T>(value: T | undefined): value is T {
  return value !== undefined;
}
