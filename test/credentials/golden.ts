import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import type { ConsumerNamespace } from '../../src/credentials/desired-state.ts';

const file = (name: string): string => join(import.meta.dirname, 'golden', name);

export async function loadGrants(): Promise<{
  readonly config: Config;
  readonly namespaces: readonly ConsumerNamespace[];
}> {
  const loaded = loadConfig(await readFile(file('config.yaml'), 'utf8'));
  if (loaded.kind === 'invalid') throw new Error(JSON.stringify(loaded.problems));
  const written = parse(await readFile(file('namespaces.yaml'), 'utf8')) as readonly WrittenNamespace[];
  const namespaces = written.map(({ name, labels = {}, isTerminating = false }) => ({
    name,
    labels,
    isTerminating,
  }));
  return { config: loaded.config, namespaces };
}

interface WrittenNamespace {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly isTerminating?: boolean;
}

/** Compares with `golden/<name>`; `UPDATE_GOLDENS=1` writes the file, for review in the diff. */
export async function expectGolden(name: string, text: string): Promise<void> {
  if (process.env['UPDATE_GOLDENS'] === '1') await writeFile(file(name), text);
  expect(text).toBe(await readFile(file(name), 'utf8'));
}
