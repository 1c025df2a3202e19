/**
 * Bytes of bodies held at the same time, all requests together. The port answers anybody who reaches it, and a
 * hundred of the largest reviews would end the process for lack of memory.
 */
export class BodyBudget {
  readonly #most: number;
  #used = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Takes bytes where there are enough left; what was taken must be given back. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.#most) return false;
    this.#used += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#used -= bytes;
  }
}
