import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';

/** Compares with `test/chart/golden/<name>`; `UPDATE_GOLDENS=1` writes it again, for review in the diff. */
export async function expectGolden(name: string, text: string): Promise<void> {
  const file = join(import.meta.dirname, 'golden', name);
  if (process.env['UPDATE_GOLDENS'] === '1') await writeFile(file, text);
  expect(text).toBe(await readFile(file, 'utf8'));
}
