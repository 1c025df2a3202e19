import { RESTART_EVERY } from '../annotations/table.ts';
import { quote, type Problem } from '../problems/problem.ts';
import { parseDuration } from '../teleport/duration.ts';

const HOUR_MS = 3_600_000;

/** Whatever is restarted more often wants another cure. */
export const LEAST_INTERVAL_MS = 12 * HOUR_MS;

/** No credential lives longer, and more digits are no durations. */
const MOST_INTERVAL_MS = 8760 * HOUR_MS;

export type Interval =
  | { readonly kind: 'interval'; readonly ms: number }
  | { readonly kind: 'problem'; readonly problem: Problem };

/** The value of the annotation that asks for restarts. */
export function readInterval(value: unknown): Interval {
  const seconds = typeof value === 'string' ? parseDuration(value.trim()) : undefined;
  const ms = (seconds ?? 0) * 1000;
  if (ms >= LEAST_INTERVAL_MS && ms <= MOST_INTERVAL_MS) return { kind: 'interval', ms };
  return {
    kind: 'problem',
    problem: {
      code: 'wrong-interval',
      where: RESTART_EVERY,
      found: quote(value),
      expected: 'a duration from 12h to 8760h, such as 20h',
      fix: 'write "20h", or remove it where the program notices renewed credentials by itself',
    },
  };
}
