export interface IntervalOptions {
  readonly attempt: () => Promise<void>;
  /** After each iteration: undefined, or what the last of its tries failed with. */
  readonly report: (error: unknown) => void;
  readonly intervalMs: number;
  /** Tries in one iteration. */
  readonly tries: number;
  readonly waitsFirst?: boolean;
  /** Ends the wait for the next iteration: resolves when a renewal is asked for. */
  readonly asked: () => Promise<void>;
}

/** A first pause between two tries; it doubles each time. Shorter than tbot's second where the interval is short. */
const FIRST_PAUSE_MS = 1_000;

/** Runs for good, as every loop of tbot does. */
export async function runOnInterval(options: IntervalOptions): Promise<never> {
  const { attempt, report, intervalMs, waitsFirst = false, asked } = options;
  const pauseMs = Math.min(FIRST_PAUSE_MS, intervalMs / 20);
  for (let isFirst = true; ; isFirst = false) {
    if (!isFirst || waitsFirst) await Promise.race([sleep(intervalMs), asked()]);
    report(await tryAgain(attempt, options.tries, pauseMs));
  }
}

async function tryAgain(attempt: () => Promise<void>, tries: number, pauseMs: number): Promise<unknown> {
  for (let count = 1; ; count++) {
    try {
      await attempt();
      return undefined;
    } catch (error) {
      if (count === tries) return error;
    }
    await sleep(pauseMs * 2 ** (count - 1));
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
