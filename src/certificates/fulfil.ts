import { X509Certificate } from 'node:crypto';
import { AUTHORITY_KEYS, printRecord, SERVING_KEYS, type ContentsChange } from './contents.ts';
import { CertificateError } from './error.ts';
import { issueCa, issueServing } from './issue.ts';
import type { KeyPair } from './pair.ts';
import { idOf } from './pem.ts';
import type { Material } from './read-rotation.ts';
import { NEW_CA, type AuthorityPlan, type CertificateId, type RotationStep } from './rotation-facts.ts';

/** What the CA Secret has to contain for a plan; CAs that are yet to be made are made here. */
export async function makeAuthority(
  plan: AuthorityPlan,
  material: Material,
  now: Date,
): Promise<ContentsChange> {
  const provide = (id: CertificateId | typeof NEW_CA): Promise<KeyPair> =>
    // With its time, so that a person can tell two of them apart.
    id === NEW_CA
      ? issueCa({ commonName: `tbot-injector ${now.toISOString()}`, now })
      : Promise.resolve(pairOf(material, id));
  const signing = await provide(plan.signing);
  const next = plan.next === undefined ? undefined : await provide(plan.next);
  return {
    [AUTHORITY_KEYS.certificate]: signing.certificate,
    [AUTHORITY_KEYS.key]: signing.key,
    [AUTHORITY_KEYS.nextCertificate]: next?.certificate ?? null,
    [AUTHORITY_KEYS.nextKey]: next?.key ?? null,
    [AUTHORITY_KEYS.record]: printRecord({
      signing: { id: idOf(new X509Certificate(signing.certificate)), leavesUntil: plan.leavesUntil },
      retired: plan.retired.map(({ id, leavesUntil }) => ({
        certificate: certificateOf(material, id),
        leavesUntil,
      })),
    }),
  };
}

/** What the serving Secret has to contain: a new leaf, and the bundle that it is published with. */
export async function makeServing(
  step: Extract<RotationStep, { kind: 'issue' }>,
  material: Material,
  { names, now }: { readonly names: readonly string[]; readonly now: Date },
): Promise<ContentsChange> {
  const leaf = await issueServing({ ca: pairOf(material, step.signing), names, now });
  return {
    [SERVING_KEYS.certificate]: leaf.certificate,
    [SERVING_KEYS.key]: leaf.key,
    ...makeCompanion(step.bundle, material),
  };
}

export function makeCompanion(bundle: readonly CertificateId[], material: Material): ContentsChange {
  return { [SERVING_KEYS.bundle]: printBundle(bundle, material) };
}

export function printBundle(bundle: readonly CertificateId[], material: Material): string {
  return bundle.map((id) => certificateOf(material, id)).join('');
}

function pairOf(material: Material, id: CertificateId): KeyPair {
  const key = material.keys.get(id);
  if (key === undefined) throw new CertificateError('unusable-ca', `no key of the CA ${id} is stored`);
  return { certificate: certificateOf(material, id), key };
}

function certificateOf({ certificates }: Material, id: CertificateId): string {
  const pem = certificates.get(id);
  if (pem === undefined) throw new CertificateError('unusable-ca', `the CA ${id} is not stored`);
  return pem;
}
