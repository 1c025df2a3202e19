/** The value that this share of all is not above; NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** `p50 1.2  p99 3.4  most 5.6 ms` */
export function spread(milliseconds: readonly number[]): string {
  const [p50, p99, most] = [0.5, 0.99, 1].map((share) => percentile(milliseconds, share).toFixed(1));
  return `p50 ${p50 ?? ''}  p99 ${p99 ?? ''}  most ${most ?? ''} ms`;
}

/** How many of each. */
export function countBy<T>(items: readonly T[], key: (item: T) => string): Readonly<Record<string, number>> {
  const groups = Map.groupBy(items, key);
  return Object.fromEntries([...groups].map(([name, { length }]) => [name, length]));
}

/** The first argument of the script. */
export function countArgument(otherwise: number): number {
  const count = Number(process.argv[2] ?? otherwise);
  if (!(count > 0 && count <= 10_000))
    throw new Error(`found "${process.argv[2] ?? ''}"; expected a number from 1 to 10000`);
  return count;
}

/** Since the script began. */
export function progress(text: string): void {
  console.log(`${(performance.now() / 1000).toFixed(0).padStart(5)} s  ${text}`);
}

/** Of `performance.now()`. */
export function secondsSince(began: number): string {
  return ((performance.now() - began) / 1000).toFixed(1);
}

export async function inBatches<T>(
  all: readonly T[],
  size: number,
  work: (one: T) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < all.length; start += size) {
    await Promise.all(all.slice(start, start + size).map(work));
  }
}
