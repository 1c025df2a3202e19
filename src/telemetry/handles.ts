import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Metric } from './table.ts';

/** The methods of a row's metric: `inc` of counters, `set` of gauges, `observe` of histograms, with exactly the row's labels. */
export type Handle<Row extends Metric> = Row extends { readonly kind: 'counter' }
  ? { inc(...args: [...labels: LabelArgs<Row>, by?: number]): void }
  : Row extends { readonly kind: 'histogram' }
    ? { observe(...args: [...labels: LabelArgs<Row>, seconds: number]): void }
    : Row extends { readonly boolean: true }
      ? {
          set(...args: [...labels: LabelArgs<Row>, value: boolean]): void;
          remove(...args: LabelArgs<Row>): void;
        }
      : {
          set(...args: [...labels: LabelArgs<Row>, value: number]): void;
          inc(...args: [...labels: LabelArgs<Row>, by?: number]): void;
          dec(...args: [...labels: LabelArgs<Row>, by?: number]): void;
          remove(...args: LabelArgs<Row>): void;
        };

type LabelArgs<Row extends Metric> = Row['labels'] extends readonly [] ? [] : [labels: LabelValues<Row>];

type LabelValues<Row extends Metric> = {
  readonly [Label in Row['labels'][number]]: Row extends {
    readonly values: { readonly [_ in Label]: readonly (infer Value)[] };
  }
    ? Value
    : string | number;
};

type Labels = Readonly<Record<string, string | number>>;
type Value = number | boolean;
/** The labels are left out in a row that has none. */
type Args = readonly [Labels, Value?] | readonly [Value?];
type AnyHandle = Partial<Record<'inc' | 'dec' | 'set' | 'remove' | 'observe', (...args: Args) => void>>;

export interface Registered {
  readonly handle: AnyHandle;
  /** Forgets all values. */
  readonly reset: () => void;
}

const nothing = (): void => undefined;

/** For a row that this process does not show. */
export const SILENT: Registered = {
  handle: { inc: nothing, dec: nothing, set: nothing, remove: nothing, observe: nothing },
  reset: nothing,
};

/** Adds the metric of a row to a registry. */
export function register(row: Metric, registry: Registry): Registered {
  const { name, help, labels: labelNames } = row;
  const config = { name, help, labelNames, registers: [registry] };
  const call =
    (method: (labels: Labels, value?: number) => void) =>
    (...args: Args): void => {
      const [labels, value] = read(args, labelNames);
      method(labels, value);
    };
  switch (row.kind) {
    case 'counter': {
      const counter = new Counter(config);
      return { handle: { inc: call(counter.inc.bind(counter)) }, reset: counter.reset.bind(counter) };
    }
    case 'histogram': {
      const histogram = new Histogram({ ...config, buckets: [...row.buckets] });
      const observe = call((labels, seconds = 0) => {
        histogram.observe(labels, seconds);
      });
      return { handle: { observe }, reset: histogram.reset.bind(histogram) };
    }
    case 'gauge': {
      const gauge = new Gauge(config);
      const set = call((labels, value = 0) => {
        gauge.set(labels, value);
      });
      const remove = call((labels) => {
        gauge.remove(labels);
      });
      const [inc, dec] = [call(gauge.inc.bind(gauge)), call(gauge.dec.bind(gauge))];
      return { handle: { set, inc, dec, remove }, reset: gauge.reset.bind(gauge) };
    }
  }
}

/** Takes the row's labels and no others: prom-client throws at a label that it does not know. */
function read(args: Args, labelNames: readonly string[]): [labels: Labels, value: number | undefined] {
  const [first, second] = args;
  const [given, value] = typeof first === 'object' ? [first, second] : [{}, first];
  const labels = Object.fromEntries(labelNames.map((label) => [label, given[label] ?? '']));
  return [labels, value === undefined ? undefined : Number(value)];
}
