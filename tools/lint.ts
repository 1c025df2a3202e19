/**
 * `npm run lint`: the scripts `lint:*` of package.json, as many at a time as there are processors, the longest first.
 * Ends with 1 where one fails. ESLint has no cache: it goes by single files, and rules about types read others too.
 */
import { exec } from 'node:child_process';
import { availableParallelism } from 'node:os';
import packageJson from '../package.json' with { type: 'json' };

const MOST_OUTPUT = 64 * 1024 * 1024;

/** What it prints comes in one piece, where it fails. */
function run([name, command]: readonly [string, string]): Promise<void> {
  const started = performance.now();
  return new Promise((resolve) => {
    exec(command, { maxBuffer: MOST_OUTPUT }, (error, stdout, stderr) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`${error === null ? 'passed' : 'FAILED'} ${name} (${seconds} s)`);
      if (error !== null) {
        console.log(stdout + stderr);
        process.exitCode = 1;
      }
      resolve();
    });
  });
}

const left = Object.entries(packageJson.scripts)
  .filter(([name]) => name.startsWith('lint:'))
  .values();
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (const script of left) await run(script);
  }),
);
