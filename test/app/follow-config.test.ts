import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { followConfig, type FollowedConfig } from '../../src/app/follow-config.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Log } from '../../src/telemetry/log.ts';
import { createMetrics, type Metrics } from '../../src/telemetry/metrics.ts';

const VALID = await readFile('examples/config.yaml', 'utf8');

let folder: string;
let file: string;
let lines: { readonly level: string; readonly fields: unknown }[];
let metrics: Metrics;
let stopping: AbortController;
let followed: FollowedConfig;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tbot-injector-config-'));
  file = join(folder, 'config.yaml');
  await writeFile(file, VALID);
  lines = [];
  metrics = createMetrics({ version: '1', process: 'webhook' });
  stopping = new AbortController();
  const loaded = loadConfig(VALID);
  if (loaded.kind === 'invalid') throw new Error('examples/config.yaml has problems');
  const at = (level: string) => (_message: string, fields?: unknown) => void lines.push({ level, fields });
  followed = followConfig({
    file,
    text: VALID,
    config: loaded.config,
    log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } satisfies Log,
    metrics,
    stop: stopping.signal,
    everyMs: 5,
  });
});

afterEach(async () => {
  stopping.abort();
  await rm(folder, { recursive: true });
});

it('reports nothing for a file that means the same', async () => {
  await writeFile(file, `# a comment more\n${VALID}`);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(lines).toEqual([]);
  expect(await shown()).toEqual({ problems: 0, current: 1 });
});

it('reports a file that would be used from the next start', async () => {
  await writeFile(file, VALID.replace('18.8.1', '18.9.0'));
  await vi.waitFor(() => {
    expect(followed.drift).toEqual({ kind: 'pending' });
  });
  expect(await shown()).toEqual({ problems: 0, current: 0 });
  expect(lines).toEqual([{ level: 'info', fields: { path: file } }]);
});

it('reports every problem of an invalid file, once, and reports when it is valid again', async () => {
  await writeFile(file, VALID.replace('clusterName:', 'clustrName:').replace('proxyServer:', 'proxyServr:'));
  await vi.waitFor(() => {
    expect(followed.drift.kind).toBe('invalid');
  });
  const { drift } = followed;
  const count = drift.kind === 'invalid' ? drift.problems.length : 0;
  expect(count).toBeGreaterThanOrEqual(2);
  expect(await shown()).toEqual({ problems: count, current: 0 });
  expect(lines).toHaveLength(count);
  expect(lines[0]).toMatchObject({ level: 'error', fields: { path: file, count } });
  await writeFile(file, VALID);
  await vi.waitFor(() => {
    expect(followed.drift).toEqual({ kind: 'current' });
  });
  expect(await shown()).toEqual({ problems: 0, current: 1 });
  expect(lines).toHaveLength(count + 1);
});

it('reports a file that is gone', async () => {
  await rm(file);
  await vi.waitFor(() => {
    expect(followed.drift).toMatchObject({ problems: [{ where: file, found: 'ENOENT' }] });
  });
});

/** What a scrape says of the configuration. */
async function shown(): Promise<Record<string, number>> {
  const { body } = await metrics.render();
  const samples = [...body.matchAll(/^tbot_injector_config_(\w+) (\d+)$/gm)];
  return Object.fromEntries(samples.map(([, name = '', value]) => [name, Number(value)]));
}
