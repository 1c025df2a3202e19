import { backoffMs, type BackoffLimits } from '../../kubernetes/backoff.ts';

interface Failures {
  readonly count: number;
  readonly at: number;
}

/** What failed on single objects, by uid: each is left alone for a while, longer every time, and the others go on. */
export class ObjectBackoff {
  readonly #limits: BackoffLimits;
  #failed = new Map<string, Failures>();

  constructor(limits: BackoffLimits) {
    this.#limits = limits;
  }

  /** Forgets all others: they are gone. */
  keepOnly(uids: ReadonlySet<string>): void {
    this.#failed = new Map([...this.#failed].filter(([uid]) => uids.has(uid)));
  }

  fail(uid: string, now: number): void {
    this.#failed.set(uid, { count: this.count(uid) + 1, at: now });
  }

  forget(uid: string): void {
    this.#failed.delete(uid);
  }

  /** In a row. */
  count(uid: string): number {
    return this.#failed.get(uid)?.count ?? 0;
  }

  isBackedOff(uid: string, now: number): boolean {
    const last = this.#failed.get(uid);
    if (last === undefined) return false;
    // A failure ahead is from before the clock was set back.
    return last.at <= now && now - last.at < backoffMs(last.count, 1, this.#limits);
  }
}
