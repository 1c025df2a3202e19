const UNITS: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-9],
  ['us', 1e-6],
  ['ms', 1e-3],
  ['s', 1],
  ['m', 60],
  ['h', 3600],
]);

const PART = /(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)/gy;

/** Seconds of a Go duration such as `1h30m`, as tbot's own fields take them; undefined where it is none. */
export function parseDuration(text: string): number | undefined {
  let seconds = 0;
  let end = 0;
  for (const [part, amount, unit] of text.matchAll(PART)) {
    seconds += Number(amount) * (UNITS.get(unit ?? '') ?? Number.NaN);
    end += part.length;
  }
  return end > 0 && end === text.length ? seconds : undefined;
}
