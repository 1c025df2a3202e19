/** What the chart's checks refuse, with the sentences that helm prints. */
export interface BadValues {
  readonly title: string;
  readonly values: object;
  readonly problems: readonly string[];
}
