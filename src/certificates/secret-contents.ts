import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { fingerprintOf } from './certificate.ts';
import { CertificateError } from './error.ts';
import { issueCa, issueServing } from './issue.ts';
import type { KeyPair } from './key-pair.ts';
import {
  NEW_CA,
  type AuthorityPlan,
  type CaMaterial,
  type CertificateId,
  type RotationStep,
} from './rotation-facts.ts';

/** The decoded data of a Secret; no keys where there is no Secret. */
export type Contents = Readonly<Record<string, string>>;

/** What to write into a Secret: null removes a key, and keys that are not named stay. */
export type ContentsChange = Readonly<Record<string, string | null>>;

/** Keys of the CA Secret, which only the controller reads. */
export const CA_SECRET_KEYS = {
  certificate: 'ca.crt',
  key: 'ca.key',
  nextCertificate: 'next.crt',
  nextKey: 'next.key',
  record: 'rotation.json',
} as const;

/** Keys of the serving Secret, which webhook pods mount. The names are those of kubernetes.io/tls and cert-manager. */
export const SERVING_SECRET_KEYS = { certificate: 'tls.crt', key: 'tls.key', bundle: 'ca.crt' } as const;

const time = z.iso.datetime().transform((text) => new Date(text));
const recordSchema = z.object({
  signing: z.object({ id: z.string(), leavesUntil: time }),
  retired: z.array(z.object({ certificate: z.string(), leavesUntil: time })),
});

/** What certificates do not tell: which CAs have signed, and until when the leaves they signed live. */
export type RotationRecord = z.output<typeof recordSchema>;

/** A longer record is not one that this program wrote. */
const MAX_RECORD_LENGTH = 256 * 1024;

/** Undefined where `text` is missing or is no record. */
export function parseRecord(text: string | undefined): RotationRecord | undefined {
  if (text === undefined || text.length > MAX_RECORD_LENGTH) return undefined;
  try {
    return recordSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export function printRecord(record: RotationRecord): string {
  return `${JSON.stringify(record, undefined, 2)}\n`;
}

/**
 * What the CA Secret must contain for a plan. A CA that the plan asks for is issued here.
 * @throws CertificateError `unusable-ca` where the plan names a CA that `material` lacks
 */
export async function caSecretContents(
  plan: AuthorityPlan,
  material: CaMaterial,
  now: Date,
): Promise<ContentsChange> {
  const provide = (id: CertificateId | typeof NEW_CA): Promise<KeyPair> =>
    // The name holds the time, so that a person can tell two CAs apart.
    id === NEW_CA
      ? issueCa({ commonName: `tbot-injector ${now.toISOString()}`, now })
      : Promise.resolve(pairOf(material, id));
  const signing = await provide(plan.signing);
  const next = plan.next === undefined ? undefined : await provide(plan.next);
  const signingId = fingerprintOf(new X509Certificate(signing.certificate));
  return {
    [CA_SECRET_KEYS.certificate]: signing.certificate,
    [CA_SECRET_KEYS.key]: signing.key,
    [CA_SECRET_KEYS.nextCertificate]: next?.certificate ?? null,
    [CA_SECRET_KEYS.nextKey]: next?.key ?? null,
    [CA_SECRET_KEYS.record]: printRecord({
      signing: { id: signingId, leavesUntil: plan.leavesUntil },
      retired: plan.retired.map(({ id, leavesUntil }) => ({
        certificate: certificateOf(material, id),
        leavesUntil,
      })),
    }),
  };
}

/**
 * What the serving Secret must contain: a new leaf, and the bundle that is published with it.
 * @throws CertificateError `unusable-ca`, `no-names`
 */
export async function servingSecretContents(
  step: Extract<RotationStep, { kind: 'issue' }>,
  material: CaMaterial,
  { names, now }: { readonly names: readonly string[]; readonly now: Date },
): Promise<ContentsChange> {
  const leaf = await issueServing({ ca: pairOf(material, step.signing), names, now });
  return {
    [SERVING_SECRET_KEYS.certificate]: leaf.certificate,
    [SERVING_SECRET_KEYS.key]: leaf.key,
    ...servingBundleContents(step.bundle, material),
  };
}

/** The bundle of the serving Secret alone; the leaf stays. @throws CertificateError `unusable-ca` */
export function servingBundleContents(
  bundle: readonly CertificateId[],
  material: CaMaterial,
): ContentsChange {
  return { [SERVING_SECRET_KEYS.bundle]: bundlePem(bundle, material) };
}

/** @throws CertificateError `unusable-ca` where `material` lacks one of the CAs */
export function bundlePem(bundle: readonly CertificateId[], material: CaMaterial): string {
  return bundle.map((id) => certificateOf(material, id)).join('');
}

function pairOf(material: CaMaterial, id: CertificateId): KeyPair {
  const key = material.keys.get(id);
  if (key === undefined) throw new CertificateError('unusable-ca', `no key of the CA ${id} is stored`);
  return { certificate: certificateOf(material, id), key };
}

function certificateOf({ certificates }: CaMaterial, id: CertificateId): string {
  const pem = certificates.get(id);
  if (pem === undefined) throw new CertificateError('unusable-ca', `the CA ${id} is not stored`);
  return pem;
}
