const UNITS = { ns: 1e-9, us: 1e-6, µs: 1e-6, μs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 } as const;

const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gy;
type Part = readonly [part: string, amount: string, unit: keyof typeof UNITS];

/** Seconds of a Go duration such as `1h30m`, the format of tbot's fields; undefined: it is not a duration. */
export function parseDuration(text: string): number | undefined {
  let seconds = 0;
  let end = 0;
  for (const match of text.matchAll(PART)) {
    const [part, amount, unit] = match as unknown as Part;
    seconds += Number(amount) * UNITS[unit];
    end += part.length;
  }
  return end > 0 && end === text.length ? seconds : undefined;
}

/** Prints milliseconds as a Go duration such as `20h20m`, rounded up to whole seconds. */
export function printDuration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const parts = [
    [Math.floor(seconds / UNITS.h), 'h'],
    [Math.floor((seconds % UNITS.h) / UNITS.m), 'm'],
    [seconds % UNITS.m, 's'],
  ] as const;
  return (
    parts
      .filter(([amount]) => amount > 0)
      .map(([amount, unit]) => `${amount}${unit}`)
      .join('') || '0s'
  );
}
