import { nextRotationStep } from '../../src/certificates/rotation.ts';
import {
  NEW_CA,
  trustedBundle,
  type AuthorityPlan,
  type Ca,
  type RotationFacts,
  type RotationStep,
} from '../../src/certificates/rotation-facts.ts';
import { ROTATION } from '../../src/certificates/renewal.ts';
import { isValid, type Validity } from '../../src/certificates/validity.ts';

const HOUR = 3_600_000;
const CA_LIFE = 365 * 24 * HOUR;

interface WorldLeaf extends Validity {
  readonly id: string;
  readonly signedBy: string;
  readonly coversNames: boolean;
}

interface Authority {
  readonly signing: { readonly id: string; readonly hasCertificate: boolean; readonly hasKey: boolean };
  readonly next: string | undefined;
  readonly record: AuthorityRecord | undefined;
}

interface AuthorityRecord {
  readonly signing: string;
  readonly leavesUntil: Date;
  readonly retired: AuthorityPlan['retired'];
}

/**
 * Secrets, webhook entries, pods and one controller. Certificates are ids and dates without cryptography, so that
 * thousands of histories can be played.
 */
export class RotationWorld {
  now = Date.parse('2026-01-01T00:00:00Z');
  /** The monotonic clock. */
  elapsed = 0;
  readonly cas = new Map<string, Ca>();
  readonly leaves = new Map<string, WorldLeaf>();
  authority: Authority | undefined;
  /** Of the CA Secret, for the fault that restores one. */
  readonly backups: Authority[] = [];
  leaf: string | undefined;
  servingBundle: readonly string[] | undefined;
  entries: (readonly string[] | undefined)[] = [undefined, undefined];
  /** What each webhook pod serves; it may be older than what is stored. */
  readonly pods: (string | undefined)[] = [undefined, undefined];
  /** Pods load a new leaf only through `refreshPod`: their nodes are cut off from the API server. */
  arePodsCutOff = false;
  /** CAs of which a fault has left no trace. */
  readonly lost = new Set<string>();
  #unchanged: { readonly state: string; readonly since: number } | undefined;
  #count = 0;

  get date(): Date {
    return new Date(this.now);
  }

  facts(): RotationFacts {
    const { authority } = this;
    const signingId = authority?.signing.hasCertificate === true ? authority.signing.id : undefined;
    const record = authority?.record;
    const isRecordLost = record === undefined || signingId !== record.signing;
    const signing = authority?.signing.hasKey === true ? this.#ca(signingId) : undefined;
    const keyless = signing === undefined && record?.signing === signingId ? this.#ca(signingId) : undefined;
    const next = this.#ca(authority?.next);
    const retired = (record?.retired ?? []).map(({ id, leavesUntil }) => ({
      ...this.#existing(id),
      leavesUntil,
    }));
    if (keyless !== undefined && record !== undefined) {
      retired.push({ ...keyless, leavesUntil: record.leavesUntil });
    }
    const recorded = new Set([signing?.id, next?.id, ...retired.map(({ id }) => id)]);
    const seen = [signingId, ...(this.servingBundle ?? []), ...this.entries.flatMap((entry) => entry ?? [])];
    const unrecorded = [...new Set(seen)].flatMap((id) => (recorded.has(id) ? [] : (this.#ca(id) ?? [])));
    const leaf = this.leaf === undefined ? undefined : this.leaves.get(this.leaf);
    const knownIds = [...recorded, ...unrecorded.map(({ id }) => id)];
    const state = JSON.stringify([this.entries, this.leaf]);
    if (this.#unchanged?.state !== state) this.#unchanged = { state, since: this.elapsed };
    return {
      signing: signing && { ...signing, leavesUntil: isRecordLost ? signing.notAfter : record.leavesUntil },
      next,
      retired,
      isRecordLost,
      unrecorded,
      leaf: leaf && { ...leaf, signedBy: knownIds.includes(leaf.signedBy) ? leaf.signedBy : undefined },
      servingBundle: this.servingBundle,
      entries: this.entries,
      hasPublishingFailed: false,
      unchangedMs: this.elapsed - this.#unchanged.since,
    };
  }

  step(): RotationStep {
    return nextRotationStep(this.facts(), this.date);
  }

  apply(step: RotationStep): void {
    switch (step.kind) {
      case 'store-authority':
        this.#store(step.plan);
        return;
      case 'publish':
        this.entries = this.entries.map(() => step.bundle);
        return;
      case 'issue': {
        const ca = this.#existing(step.signing);
        const notAfter = new Date(Math.min(this.now + ROTATION.leafLifetimeMs, ca.notAfter.getTime()));
        const id = this.#name('leaf');
        this.leaves.set(id, {
          id,
          signedBy: ca.id,
          notBefore: this.#backdated(),
          notAfter,
          coversNames: true,
        });
        this.leaf = id;
        this.servingBundle = step.bundle;
        return;
      }
      case 'store-bundle':
        this.servingBundle = step.bundle;
        return;
      case 'settle':
      case 'rest':
        return;
    }
  }

  /** The controller ends, or another one leads: only what is stored remains. */
  forgetMemory(): void {
    this.#unchanged = undefined;
  }

  elapse(ms: number): void {
    const first = Math.min(ms, ROTATION.settleMs);
    for (const part of [first, ms - first]) {
      this.now += part;
      this.elapsed += part;
      // A kubelet is assumed to need no longer than this.
      if (ms < ROTATION.settleMs || this.arePodsCutOff) continue;
      for (const pod of this.pods.keys()) this.refreshPod(pod);
    }
  }

  /** The kubelet updates the mounted pair; the webhook loads it if it can serve now. */
  refreshPod(pod: number): void {
    const leaf = this.leaf === undefined ? undefined : this.leaves.get(this.leaf);
    if (leaf !== undefined && isValid(leaf, this.date)) this.pods[pod] = leaf.id;
  }

  /** Leaves that are valid now: those that pods serve, and the stored one. */
  livingLeaves(): readonly WorldLeaf[] {
    return [...this.pods, this.leaf]
      .flatMap((id) => (id === undefined ? [] : (this.leaves.get(id) ?? [])))
      .filter((leaf) => isValid(leaf, this.date));
  }

  trusts(bundle: readonly string[] | undefined, leaf: WorldLeaf): boolean {
    return bundle?.includes(leaf.signedBy) === true && isValid(this.#existing(leaf.signedBy), this.date);
  }

  /** After a fault: the law does not hold for CAs of which no trace is left. */
  noteLost(): void {
    const { signing, next, retired, unrecorded, isRecordLost } = this.facts();
    const kept = isRecordLost
      ? unrecorded
      : unrecorded.filter(({ id }) => id === this.leaves.get(this.leaf ?? '')?.signedBy);
    const known = new Set([...trustedBundle({ signing, next, retired }), ...kept.map(({ id }) => id)]);
    for (const id of this.cas.keys()) if (!known.has(id)) this.lost.add(id);
  }

  #store(plan: AuthorityPlan): void {
    const before = this.facts();
    const dropped = before.retired.filter(({ id }) => !plan.retired.some((kept) => kept.id === id));
    // A bundle holds no more: the one limit that outranks trust.
    if (plan.retired.length >= 12) for (const { id } of dropped) this.lost.add(id);
    if (this.authority !== undefined) this.backups.push(this.authority);
    const id = this.#provide(plan.signing);
    const next = plan.next === undefined ? undefined : this.#provide(plan.next);
    const { leavesUntil, retired } = plan;
    this.authority = {
      signing: { id, hasCertificate: true, hasKey: true },
      next,
      record: { signing: id, leavesUntil, retired },
    };
  }

  #provide(id: string | typeof NEW_CA): string {
    if (id !== NEW_CA) return id;
    const made = this.#name('ca');
    this.cas.set(made, { id: made, notBefore: this.#backdated(), notAfter: new Date(this.now + CA_LIFE) });
    return made;
  }

  #backdated(): Date {
    return new Date(this.now - HOUR);
  }

  /** Begins with eight hexadecimal digits: jitter is computed from them, as from a fingerprint. */
  #name(kind: string): string {
    return `${(++this.#count * 0x9e3779b1).toString(16).slice(-8).padStart(8, '0')}-${kind}${this.#count}`;
  }

  #ca(id: string | undefined): Ca | undefined {
    return id === undefined ? undefined : this.cas.get(id);
  }

  #existing(id: string): Ca {
    const ca = this.cas.get(id);
    if (ca === undefined) throw new Error(`there is no CA ${id}`);
    return ca;
  }
}
