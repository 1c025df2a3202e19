/** When a tbot restarts for a new configuration, which it reads only at its start. All times in milliseconds. */
export interface TbotRestartSettings {
  /** Time without a change before a restart: a hundred namespaces labelled at once cost one restart. */
  readonly quietPeriodMs: number;
  /** The longest wait for such a quiet period, however often other namespaces change. */
  readonly maxWaitMs: number;
  /** Between two restarts: each one renews every credential. */
  readonly minIntervalMs: number;
}

export const TBOT_RESTART_SETTINGS: TbotRestartSettings = {
  quietPeriodMs: 10_000,
  maxWaitMs: 60_000,
  minIntervalMs: 60_000,
};

export interface TbotRestartFacts {
  /** Since when the running configuration differs from the desired one; in the past. */
  readonly differsSince: number;
  /** When the desired configuration last changed; in the past. */
  readonly changedAt: number;
  /** The last restart, as the Deployment records it; undefined: none yet. */
  readonly restartedAt: number | undefined;
}

/** Milliseconds until the restart; 0: restart now. */
export function tbotRestartDelay(
  facts: TbotRestartFacts,
  now: number,
  settings = TBOT_RESTART_SETTINGS,
): number {
  const notBefore = Math.min(
    facts.changedAt + settings.quietPeriodMs,
    facts.differsSince + settings.maxWaitMs,
  );
  // A restart far in the future was recorded before the clock was set back: to wait for it could take days.
  const isAhead = facts.restartedAt !== undefined && facts.restartedAt - now > settings.minIntervalMs;
  const last = isAhead ? undefined : facts.restartedAt;
  return Math.max(0, Math.max(notBefore, (last ?? -Infinity) + settings.minIntervalMs) - now);
}
