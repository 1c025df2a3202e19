/** tbot reads its configuration at the start alone. When a new one is worth a restart, all times in milliseconds. */
export interface TbotRestartSettings {
  /** So long nothing must have changed: a hundred namespaces labelled at once cost one restart. */
  readonly quietPeriodMs: number;
  /** But nobody waits longer than this for changes of others to end. */
  readonly maxWaitMs: number;
  /** Between two restarts: each one renews everything. */
  readonly minIntervalMs: number;
}

export const TBOT_RESTART_SETTINGS: TbotRestartSettings = {
  quietPeriodMs: 10_000,
  maxWaitMs: 60_000,
  minIntervalMs: 60_000,
};

export interface TbotRestartFacts {
  /** Since when the running configuration is another than the wanted one, and when the wanted one last changed; both past. */
  readonly differsSince: number;
  readonly changedAt: number;
  /** The last restart, as the Deployment records it; undefined: none yet. */
  readonly restartedAt: number | undefined;
}

/** How long to wait; 0: restart now. */
export function tbotRestartDelay(
  facts: TbotRestartFacts,
  now: number,
  settings = TBOT_RESTART_SETTINGS,
): number {
  const quiet = Math.min(facts.changedAt + settings.quietPeriodMs, facts.differsSince + settings.maxWaitMs);
  // A restart far ahead is from before the clock was set back: waiting for it could take days.
  const isAhead = facts.restartedAt !== undefined && facts.restartedAt - now > settings.minIntervalMs;
  const last = isAhead ? undefined : facts.restartedAt;
  return Math.max(0, Math.max(quiet, (last ?? -Infinity) + settings.minIntervalMs) - now);
}
