import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { runCommand } from '../cluster/harness/command.ts';

const vitest = join(import.meta.dirname, '../../node_modules/vitest/vitest.mjs');
const folder = join(import.meta.dirname, 'closing-line');

describe('the last line of a run', () => {
  it.each([
    ['passing', 0, '2 passed, 0 failed'],
    ['failing', 1, '0 passed, 1 failed'],
    ['skipping', 0, '0 passed, 0 failed, 2 skipped'],
    // A file that does not load, or whose set-up fails, hides how many tests it has: it counts as one that failed.
    ['broken', 1, '0 passed, 1 failed'],
    ['hook', 1, '0 passed, 1 failed, 1 skipped'],
    ['stray', 1, '1 passed, 1 failed'],
    ['ing', 1, '2 passed, 1 failed, 2 skipped'],
    ['no-such-file', 1, '0 passed, 1 failed'],
  ])(
    'for files named *%s* (code %i) is "%s"',
    async (filter, code, line) => {
      const run = await runCommand(process.execPath, [vitest, 'run', '--root', folder, filter], {
        env: { ...process.env, NO_COLOR: '1' },
      });
      expect({ code: run.code, line: run.stdout.split('\n').at(-2) }).toEqual({ code, line });
      expect(run.stdout.endsWith(`${line}\n`)).toBe(true);
    },
    30_000,
  );
});
