/** A time series in the notation of promtool: one value a minute, from minute 0 on. */
export interface Series {
  readonly series: string;
  readonly values: string;
}

/** Long enough for every story. */
const MINUTES = 240;

type Labels = Readonly<Record<string, string>>;

export const WEBHOOK = { namespace: 'tbot-system', job: 'tbot-injector-webhook' };
export const CONTROLLER = { namespace: 'tbot-system', job: 'tbot-injector-controller' };
export const TBOT = { namespace: 'tbot-system', job: 'tbot-injector-tbot', bot: 'example', shard: '0' };

export function series(name: string, labels: Labels, values: string): Series {
  const printed = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return { series: `${name}{${printed.join(', ')}}`, values };
}

/** The same value all the time, or from a minute on (nothing before). */
export function constant(value: number, from = 0): string {
  return after(from, `${value}x${MINUTES}`);
}

/** A counter that grows by `step` each minute; with `from` it appears then, with its first event. */
export function growing(step: number, from = 0): string {
  return after(from, `${step}+${step}x${MINUTES}`);
}

/** A counter of single events: how high it is from which minute on; nothing before the first. */
export function events(...counts: readonly (readonly [minute: number, count: number])[]): string {
  const [first = [0, 0]] = counts;
  const steps = counts.map(([minute, count], index) => {
    const until = counts[index + 1]?.[0] ?? MINUTES;
    return `${count}x${until - minute - 1}`;
  });
  return after(first[0], steps.join(' '));
}

/** `before` until a minute, `value` from then on. */
export function turning(before: number, minute: number, value: number): string {
  return `${before}x${minute - 1} ${value}x${MINUTES - minute}`;
}

function after(minute: number, values: string): string {
  return minute === 0 ? values : `_x${minute} ${values}`;
}
