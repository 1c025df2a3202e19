/**
 * Two clocks, for neither tells the whole truth about how long something took: the wall clock may be set back or
 * ahead, the monotonic one stands still while the machine sleeps.
 */
export interface Clocks {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds since some moment; never goes back. */
  readonly monotonic: () => number;
}

export const CLOCKS: Clocks = { now: Date.now, monotonic: () => performance.now() };
