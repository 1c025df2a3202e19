import { setTimeout as sleep } from 'node:timers/promises';

export interface Pace {
  readonly perSecond: number;
  readonly send: () => Promise<void>;
}

export interface Pacing {
  /** Returns when everything sent until now has been answered. */
  settled(): Promise<void>;
  /** Sends no more; returns when everything sent has been answered. */
  stop(): Promise<void>;
}

/** On a machine too busy for the rate, more would only wait on each other. */
const MOST_OPEN = 20;

/** Sends at this rate without waiting for answers, until many are missing. `send` must not reject. */
export function startPace({ perSecond, send }: Pace): Pacing {
  const began = performance.now();
  const stopping = new AbortController();
  const open = new Set<Promise<void>>();
  const waited = (due: number): Promise<boolean> =>
    sleep(Math.max(0, due - performance.now()), true, { signal: stopping.signal }).catch(() => false);
  const running = (async () => {
    for (let sent = 0; await waited(began + (sent * 1000) / perSecond); sent++) {
      const one = send().finally(() => open.delete(one));
      open.add(one);
      if (open.size >= MOST_OPEN) await Promise.race(open);
    }
  })();
  const settled = async (): Promise<void> => {
    await Promise.all(open);
  };
  return {
    settled,
    stop: async () => {
      stopping.abort();
      await running;
      await settled();
    },
  };
}
