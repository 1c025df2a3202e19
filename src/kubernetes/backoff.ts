export interface BackoffLimits {
  readonly initialMs: number;
  readonly maxMs: number;
}

/** The longest wait and the attempt after it together stay under the 35 s in which a watch has to be right again. */
export const BACKOFF: BackoffLimits = { initialMs: 500, maxMs: 15_000 };

/**
 * Milliseconds to wait after `failures` failures in a row: none after none, then doubling up to the longest.
 * Half of it is left to `random` (0 to 1), so that replicas that lost the API server together do not return together.
 */
export function backoffMs(failures: number, random: number, limits = BACKOFF): number {
  if (failures <= 0) return 0;
  const whole = Math.min(limits.initialMs * 2 ** (failures - 1), limits.maxMs);
  return whole / 2 + (whole / 2) * random;
}
