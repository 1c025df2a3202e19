export interface BackoffLimits {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** The longest wait and the attempt after it together stay under the 35 s in which a watch has to be right again. */
export const BACKOFF: BackoffLimits = { firstMs: 500, longestMs: 15_000 };

/**
 * Milliseconds to wait after `failures` failures in a row: none after none, then doubling up to the longest.
 * Half of it is left to `random` (0 to 1), so that replicas that lost the API server together do not return together.
 */
export function backoffMs(failures: number, random: number, limits = BACKOFF): number {
  if (failures <= 0) return 0;
  const whole = Math.min(limits.firstMs * 2 ** (failures - 1), limits.longestMs);
  return whole / 2 + (whole / 2) * random;
}
