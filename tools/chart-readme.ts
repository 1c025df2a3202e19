import { execFileSync } from 'node:child_process';

const ROOT = new URL('..', import.meta.url);

export const CHART_README = 'charts/tbot-injector/README.md';

/** What the given helm-docs makes of README.md.gotmpl and the comments of values.yaml. */
export function printChartReadme(helmDocs: string): string {
  const args = ['--chart-search-root', 'charts/tbot-injector', '--sort-values-order', 'file', '--dry-run'];
  const stdio = ['ignore', 'pipe', 'ignore'] as const;
  return execFileSync(helmDocs, args, { cwd: ROOT, encoding: 'utf8', stdio: [...stdio] });
}
