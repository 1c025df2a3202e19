import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import packageJson from '../package.json' with { type: 'json' };
import { type Finished, runCommand } from './cluster/harness/command.ts';

const checkout = join(import.meta.dirname, '..');
const BUILD = 'npm run build';
const INSTALL = 'npm ci --omit=dev --ignore-scripts';

describe('what the image holds', { timeout: 60_000 }, () => {
  let folder: string;
  let built: Finished;
  let installed: Finished;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tbot-injector-build-'));
    for (const file of ['package.json', 'package-lock.json']) {
      await copyFile(join(checkout, file), join(folder, file));
    }
    const run = (command: string, args: string[], cwd: string) =>
      runCommand('npm', [...command.split(' ').slice(1), ...args], { cwd });
    [built, installed] = await Promise.all([
      run(BUILD, ['--', '--outDir', join(folder, 'dist')], checkout),
      run(INSTALL, ['--prefer-offline'], folder),
    ]);
  }, 120_000);

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('is made by the commands that are tested here', async () => {
    const dockerfile = await readFile(join(checkout, 'Dockerfile'), 'utf8');
    expect(dockerfile.split('\n')).toEqual(expect.arrayContaining([`RUN ${BUILD}`, `RUN ${INSTALL}`]));
  });

  it('compiles', () => {
    expect(built, built.stdout).toMatchObject({ code: 0 });
  });

  it('has the production dependencies, but no compiler and no second Node', () => {
    expect(installed, installed.stderr).toMatchObject({ code: 0 });
    const has = (name: string) => existsSync(join(folder, 'node_modules', name, 'package.json'));
    expect(Object.keys(packageJson.dependencies).filter((name) => !has(name))).toEqual([]);
    expect(['node', 'typescript', 'vitest'].filter(has)).toEqual([]);
  });

  it('starts, serves and ends', async () => {
    const config = join(checkout, 'examples/config.yaml');
    const flags = ['--standalone', '--config', config, '--port', '0', '--health-port', '0'];
    const child = spawn(process.execPath, ['dist/main.js', 'webhook', ...flags], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const messages: unknown[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      const { msg } = JSON.parse(line) as { msg: string };
      messages.push(msg);
      if (msg === 'listening') child.kill('SIGTERM');
    }
    expect(await exited).toEqual([0, null]);
    expect(messages).toEqual(
      expect.arrayContaining(['listening for probes', 'listening', 'draining', 'closed']),
    );
  });
});
