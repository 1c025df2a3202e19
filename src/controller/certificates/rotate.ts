import { CertificateError } from '../../certificates/error.ts';
import { readRotation, type StoredFacts } from '../../certificates/read-rotation.ts';
import type { RotationSettings } from '../../certificates/renewal.ts';
import type {
  CaMaterial,
  CertificateId,
  RotationFacts,
  RotationStep,
} from '../../certificates/rotation-facts.ts';
import { nextRotationStep } from '../../certificates/rotation.ts';
import {
  bundlePem,
  caSecretContents,
  servingBundleContents,
  servingSecretContents,
} from '../../certificates/secret-contents.ts';
import { isAborted, KubernetesError } from '../../kubernetes/error.ts';
import type { CertificateStore, StoredCertificates } from './certificate-store.ts';

export type CertificateReport =
  /** Something was written; `writes` counts objects. */
  | { readonly kind: 'done'; readonly step: RotationStep; readonly writes: number }
  /** Nothing is left to write now. */
  | { readonly kind: 'state'; readonly facts: RotationFacts };

export interface RotateOptions {
  readonly store: CertificateStore;
  /** Which the serving certificate is to have. */
  readonly names: readonly string[];
  readonly now: () => Date;
  readonly monotonic: () => number;
  /** What is remembered from pass to pass: nothing that would be missed after a crash. */
  readonly hold: Hold;
  readonly onReport: (report: CertificateReport) => void;
  readonly settings?: RotationSettings;
}

/** Since when what is published and served has been seen as it is. */
export class Hold {
  #state = '';
  #since = 0;

  /** For how long, in milliseconds of `monotonic`. */
  heldMs({ entries, leaf }: StoredFacts, monotonic: number): number {
    const state = JSON.stringify([entries, leaf?.id]);
    if (state !== this.#state) this.#since = monotonic;
    this.#state = state;
    return monotonic - this.#since;
  }
}

/** No history needs so many; a loop would be a fault of its own, and is not to run on without a pause. */
const MAX_STEPS = 20;

/** Another writer may undo a step now and then. What is due for the fifth time in one pass has no effect, however often it is done. */
const MAX_REPETITIONS = 4;

/**
 * Reads what is stored, decides, does one thing, and so on until nothing is left to do. Everything is read again before
 * each step: what is stored counts, and not who wrote it.
 * @throws KubernetesError, CertificateError
 */
export async function rotate(options: RotateOptions): Promise<'rest' | 'settle'> {
  const { store, names, now, monotonic, hold, onReport, settings } = options;
  let publishing: unknown;
  let overtaken: unknown;
  const unusable = new Set<CertificateId>();
  const written = new Map<string, number>();
  for (let count = 0; count < MAX_STEPS; count++) {
    const stored = await store.read();
    const { facts: read, material } = readRotation(contentsOf(stored), names);
    const facts: RotationFacts = {
      ...withoutSigning(read, unusable),
      hasPublishingFailed: publishing !== undefined,
      unchangedMs: hold.heldMs(read, monotonic()),
    };
    const at = now();
    const step = nextRotationStep(facts, at, settings);
    if (step.kind === 'rest' || step.kind === 'settle') {
      onReport({ kind: 'state', facts });
      if (publishing !== undefined) throw publishing as Error;
      return step.kind;
    }
    const what = 'cause' in step ? `${step.kind} (${step.cause})` : step.kind;
    const alike = (written.get(what) ?? 0) + 1;
    if (alike > MAX_REPETITIONS)
      throw new Error(`no rest: ${what} was done ${MAX_REPETITIONS} times to no effect`);
    try {
      const write = await prepare(step, { store, stored, material, names, now: at });
      onReport({ kind: 'done', step, writes: await write() });
      written.set(what, alike);
    } catch (error) {
      if (isAborted(error)) throw error;
      if (error instanceof KubernetesError && error.code === 'conflict') overtaken = error;
      // What cannot be published yet must not keep webhooks without any certificate.
      else if (step.kind === 'publish') publishing = error;
      else if (step.kind === 'issue' && isUnusableCa(error)) unusable.add(step.signing);
      else throw error;
    }
  }
  throw (overtaken ?? publishing ?? new Error(`no rest after ${MAX_STEPS} steps`)) as Error;
}

/** A CA that proved unusable signs nothing; what it may have signed stays trusted. */
function withoutSigning(facts: StoredFacts, unusable: ReadonlySet<CertificateId>): StoredFacts {
  const { signing, retired } = facts;
  if (signing === undefined || !unusable.has(signing.id)) return facts;
  return { ...facts, signing: undefined, retired: [...retired, signing] };
}

function isUnusableCa(error: unknown): boolean {
  return error instanceof CertificateError && error.code === 'unusable-ca';
}

interface Preparation {
  readonly store: CertificateStore;
  readonly stored: StoredCertificates;
  readonly material: CaMaterial;
  readonly names: readonly string[];
  readonly now: Date;
}

type WritingStep = Exclude<RotationStep, { kind: 'rest' | 'settle' }>;

/** Makes whatever is to be written, which takes its time; what is returned then writes it. */
async function prepare(step: WritingStep, preparation: Preparation): Promise<() => Promise<number>> {
  const { store, stored, material, names, now } = preparation;
  const { authority, serving, configurations } = stored;
  switch (step.kind) {
    case 'store-authority': {
      const change = await caSecretContents(step.plan, material, now);
      return () => store.writeAuthority(change, authority.version).then(() => 1);
    }
    case 'publish': {
      const bundle = bundlePem(step.bundle, material);
      return () => store.publish(bundle, configurations);
    }
    case 'issue': {
      const change = await servingSecretContents(step, material, { names, now });
      return () => store.writeServing(change, serving.version).then(() => 1);
    }
    case 'store-bundle': {
      const change = servingBundleContents(step.bundle, material);
      return () => store.writeServing(change, serving.version).then(() => 1);
    }
  }
}

function contentsOf({
  authority,
  serving,
  configurations,
}: StoredCertificates): Parameters<typeof readRotation>[0] {
  const entries = configurations.flatMap((configuration) =>
    configuration.entries.map(({ bundle }) => bundle),
  );
  return { authority: authority.contents, serving: serving.contents, entries };
}
