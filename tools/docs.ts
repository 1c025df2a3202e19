/** `npm run docs`: prints the generated documents; with `--check` only tells which ones have drifted. */
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { printAnnotationDocs } from '../src/annotations/docs.ts';
import { printJsonSchema } from '../src/config/schema.ts';
import { printMetricDocs } from '../src/telemetry/docs.ts';
import { CHART_README, printChartReadme } from './chart-readme.ts';
import { printChartTemplates } from './chart-templates.ts';
import { printDashboard } from './dashboard/print.ts';
import { cachedProgram } from './go-module.ts';
import { programs } from './programs.ts';
import { printValuesSchema } from './values-schema.ts';

const DOCUMENTS: ReadonlyMap<string, () => string> = new Map([
  ['docs/annotations.md', printAnnotationDocs],
  ['docs/config.schema.json', printJsonSchema],
  ['docs/metrics.md', printMetricDocs],
  ['charts/tbot-injector/values.schema.json', printValuesSchema],
  ['charts/tbot-injector/templates/_program.tpl', printChartTemplates],
  ['charts/tbot-injector/files/dashboard.json', printDashboard],
]);

const check = process.argv.includes('--check');
for (const [file, print] of DOCUMENTS) {
  const path = new URL(`../${file}`, import.meta.url);
  if (!check) {
    await writeFile(path, print());
  } else if ((await readFile(path, 'utf8').catch(() => '')) !== print()) {
    console.error(`${file} has drifted from the code. Fix: npm run docs`);
    process.exitCode = 1;
  }
}

// Its program is built with Go, which not every contributor has: a test tells whether it has drifted.
if (!check) {
  const helmDocs = cachedProgram('helm-docs', programs['helm-docs']);
  if (existsSync(helmDocs)) {
    await writeFile(new URL(`../${CHART_README}`, import.meta.url), printChartReadme(helmDocs));
  } else {
    console.error(`${CHART_README} stays as it is: found no helm-docs. Fix: node tools/build.ts`);
  }
}
