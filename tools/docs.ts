/** `npm run docs`: prints the generated documents; with `--check` only tells which ones have drifted. */
import { readFile, writeFile } from 'node:fs/promises';
import { printAnnotationDocs } from '../src/annotations/docs.ts';
import { printJsonSchema } from '../src/config/schema.ts';
import { printMetricDocs } from '../src/telemetry/docs.ts';

const DOCUMENTS: ReadonlyMap<string, () => string> = new Map([
  ['docs/annotations.md', printAnnotationDocs],
  ['docs/config.schema.json', printJsonSchema],
  ['docs/metrics.md', printMetricDocs],
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
