import type { Metrics } from '../../src/telemetry/metrics.ts';

type Labels = Readonly<Record<string, string | number>>;

/** Hands what is set, counted or removed (undefined) to `take`, with the row's key. */
export function recordingMetrics(
  take: (key: string, value: number | undefined, labels: Labels) => void = () => undefined,
): Metrics {
  const change =
    (key: string) =>
    (...args: readonly (Labels | number)[]): void => {
      const labels = args.find((each) => typeof each === 'object') ?? {};
      take(key, args.find((each) => typeof each === 'number') ?? 1, labels);
    };
  const handles = new Proxy(
    {},
    {
      get: (_, key) => ({
        set: change(String(key)),
        inc: change(String(key)),
        remove: (labels: Labels = {}) => {
          take(String(key), undefined, labels);
        },
      }),
    },
  );
  return handles as Metrics;
}
