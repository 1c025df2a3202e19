import type { AnnotatedPod } from '../../credentials/annotated-pod.ts';

interface Loss {
  readonly at: number;
  /** By uid, what went, or may have gone. */
  readonly pod: string;
  /** By uid, what was there before: none of these came in its place. */
  readonly had: ReadonlySet<string>;
}

/** As many as are evicted in that time are remembered, one in 30 s at most. */
const REMEMBERED_MS = 24 * 3_600_000;

/** Owners that have lost a pod to us, until what came in its place is known to be good, or for a day. */
export class PendingReplacements {
  #losses = new Map<string, Loss>();

  /** @param pods what was there before it went */
  lost(pod: AnnotatedPod, pods: readonly AnnotatedPod[], now: number): void {
    const owner = ownerOf(pod);
    const had = pods.filter((each) => ownerOf(each) === owner).map(({ uid }) => uid);
    this.#losses.set(owner, { at: now, pod: pod.uid, had: new Set(had) });
  }

  forget(owner: string): void {
    this.#losses.delete(owner);
  }

  forgetOld(now: number): void {
    // A loss far ahead is from before the clock was set back.
    const isOld = ({ at }: Loss): boolean => Math.abs(now - at) >= REMEMBERED_MS;
    this.#losses = new Map([...this.#losses].filter(([, loss]) => !isOld(loss)));
  }

  all(): ReadonlySet<string> {
    return new Set(this.#losses.keys());
  }

  /** Whether another pod of the same owner was evicted and no replacement is known to be good. The pod of a failed eviction may be tried again. */
  guards(pod: AnnotatedPod): boolean {
    const loss = this.#losses.get(ownerOf(pod));
    return loss !== undefined && loss.pod !== pod.uid;
  }

  /** By owner, the injected ones that came since it lost one. */
  successors(pods: readonly AnnotatedPod[]): ReadonlyMap<string, readonly AnnotatedPod[]> {
    // Not by the times of creation: our clock and the API server's may differ by seconds, and both tell whole ones.
    const came = pods.filter(
      (pod) => pod.isInjected && this.#losses.get(ownerOf(pod))?.had.has(pod.uid) === false,
    );
    return Map.groupBy(came, ownerOf);
  }
}

/** The uid of what a pod belongs to; without an owner, its own. */
export function ownerOf({ owner, uid }: AnnotatedPod): string {
  return owner?.uid ?? uid;
}
