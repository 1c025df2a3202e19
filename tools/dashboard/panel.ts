/** What a panel shows; how Grafana draws it is in grafana.ts. */
export interface Panel {
  readonly title: string;
  /** Where title and legend do not say it all. */
  readonly description?: string;
  readonly kind: 'stat' | 'lines' | 'areas' | 'heatmap' | 'table';
  /** Of 24 columns. */
  readonly width: number;
  /** As Grafana names them: `s`, `reqps`, `bytes`, `short`. */
  readonly unit: string;
  readonly queries: readonly [Query, ...Query[]];
  /** Colours of a stat: from this value on. Default: none. */
  readonly thresholds?: readonly Threshold[];
}

export interface Query {
  readonly expr: string;
  /** Default: the labels of the series. */
  readonly legend?: string;
}

/** `from` undefined: whatever is below the others. */
export interface Threshold {
  readonly from?: number;
  readonly colour: 'green' | 'orange' | 'red';
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** Targets of the chosen release, by the labels that the chart's monitors set. */
export const WEBHOOK = 'namespace="$namespace", job="$release-webhook"';
export const CONTROLLER = 'namespace="$namespace", job="$release-controller"';
export const TBOT = 'namespace="$namespace", job="$release-tbot"';
export const OURS = 'namespace="$namespace", job=~"$release-(webhook|controller)"';

/** Grafana's own: an interval that holds several scrapes at every zoom. */
export const INTERVAL = '$__rate_interval';
export const OVER = `[${INTERVAL}]`;

/** How often something rare happened. A counter appears with its first event, and `increase` does not see that one. */
export function eventsIn(range: string, counter: string): string {
  return `((${counter} unless ${counter} offset ${range}) or increase(${counter}[${range}]))`;
}
