import { writeSync } from 'node:fs';

import type { Reporter, TestModule } from 'vitest/node';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Ends the run with one line that a script can read: `12 passed, 0 failed`, with `, 3 skipped` where some were.
 * A test file that does not load and an error outside of any test count as failed: they hide tests.
 */
export class ClosingLine implements Reporter {
  #counts: Counts | undefined;

  /** Coverage and teardown still print after the tests; only at exit is a line surely the last. */
  onInit(): void {
    process.once('exit', (code) => {
      writeSync(process.stdout.fd, `${printCounts(this.#counts, code)}\n`);
    });
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) count(module, counts);
    this.#counts = counts;
  }
}

function count(module: TestModule, counts: Counts): void {
  counts.failed += module.errors().length;
  for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    // Still pending at the end of the run: it was cut off, and might have failed.
    counts[state === 'pending' ? 'failed' : state]++;
  }
}

/** A run that ends with an error code never says `0 failed`, whatever broke it: set-up, coverage, a crash. */
function printCounts(counts: Counts | undefined, exitCode: number): string {
  const { passed, failed, skipped } = counts ?? { passed: 0, failed: 0, skipped: 0 };
  const broken = exitCode !== 0 && failed === 0 ? 1 : failed;
  return `${passed} passed, ${broken} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
