/** tbot reads its configuration at the start alone. When a new one is worth a restart, all times in milliseconds. */
export interface RestartSettings {
  /** So long nothing must have changed: a hundred namespaces labelled at once cost one restart. */
  readonly quietMs: number;
  /** But nobody waits longer than this for changes of others to end. */
  readonly mostMs: number;
  /** Between two restarts: each one renews everything. */
  readonly leastBetweenMs: number;
}

export const RESTART_SETTINGS: RestartSettings = { quietMs: 10_000, mostMs: 60_000, leastBetweenMs: 60_000 };

export interface RestartFacts {
  /** Since when the running configuration is another than the wanted one, and when the wanted one last changed; both past. */
  readonly differsSince: number;
  readonly changedAt: number;
  /** The last restart, as the Deployment records it; undefined: none yet. */
  readonly restartedAt: number | undefined;
}

/** How long to wait; 0: restart now. */
export function restartDelay(facts: RestartFacts, now: number, settings = RESTART_SETTINGS): number {
  const quiet = Math.min(facts.changedAt + settings.quietMs, facts.differsSince + settings.mostMs);
  // A restart far ahead is from before the clock was set back: waiting for it could take days.
  const isAhead = facts.restartedAt !== undefined && facts.restartedAt - now > settings.leastBetweenMs;
  const last = isAhead ? undefined : facts.restartedAt;
  return Math.max(0, Math.max(quiet, (last ?? -Infinity) + settings.leastBetweenMs) - now);
}
