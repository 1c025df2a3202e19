/** The counters of tbot's loops, by service and name. */
export class Metrics {
  readonly #counts = new Map<string, number>();

  /** An iteration that has ended, whatever the number of tries. */
  count(service: string, name: string, outcome: 'successful' | 'failed'): void {
    const labels = `{name="${name}",service="${service}"}`;
    const counted = outcome === 'failed' ? 'failed' : 'successful_count';
    for (const each of ['total', counted]) {
      const series = `tbot_task_iterations_${each}${labels}`;
      this.#counts.set(series, (this.#counts.get(series) ?? 0) + 1);
    }
  }

  print(): string {
    return [...this.#counts].map(([series, count]) => `${series} ${count}\n`).join('');
  }
}
