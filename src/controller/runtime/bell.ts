/** Wakes one waiter; a ring that nobody waits for is kept for the next one. */
export class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Resolves with the next ring, after `ms`, or with `signal`. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#rung && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const wake = (): void => {
        resolve(undefined);
      };
      const timer = setTimeout(wake, ms);
      signal.addEventListener('abort', wake);
      this.#wake = wake;
      await promise;
      this.#wake = undefined;
      signal.removeEventListener('abort', wake);
      clearTimeout(timer);
    }
    this.#rung = false;
  }
}
