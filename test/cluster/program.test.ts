import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { eventually } from './harness/eventually.ts';
import { startProgram } from './harness/program.ts';

const PRINTS_ITS_PID = ['-c', 'echo $$; exec sleep 600'];

describe('a program of the test cluster', () => {
  let folder: string;
  let log: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tbot-injector-program-'));
    log = join(folder, 'log');
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('ends when it is stopped', async () => {
    const program = startProgram('sleeper', 'sh', PRINTS_ITS_PID, log);
    const pid = await printedPid();
    expect(program.ended()).toBeUndefined();
    await program.stop();
    expect(isAlive(pid)).toBe(false);
    expect(program.ended()).toBe('it ended with SIGTERM');
  });

  it('ends when the process that started it is killed', async () => {
    const module = join(import.meta.dirname, 'harness', 'program.ts');
    const call = `startProgram('sleeper', 'sh', ${JSON.stringify(PRINTS_ITS_PID)}, ${JSON.stringify(log)})`;
    const script = `import { startProgram } from ${JSON.stringify(module)}; ${call}; setInterval(() => {}, 1000)`;
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'inherit' });
    const pid = await printedPid();
    parent.kill('SIGKILL');
    await eventually('the orphan is ended', () => (isAlive(pid) ? undefined : true));
  });

  it('reports that there is no such program', async () => {
    const program = startProgram('absent', join(folder, 'absent'), [], log);
    await eventually('the failure is known', () => program.ended());
    expect(program.ended()).toBe('it ended with 127');
    expect(program.logTail()).toContain('not found');
    await program.stop();
  });

  it('keeps its output', async () => {
    const program = startProgram('speaker', 'sh', ['-c', 'echo spoken; echo complained >&2'], log);
    await eventually('it has ended', () => program.ended());
    expect(program.logTail()).toBe('spoken\ncomplained\n');
    expect(program.ended()).toBe('it ended with 0');
  });

  function printedPid(): Promise<number> {
    return eventually('it prints its pid', async () => Number(await readFile(log, 'utf8')) || undefined);
  }
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = `/proc/${pid}/status`;
  // Where nothing reaps orphans, as in a container without an init, the ended one stays as a zombie.
  return !existsSync(status) || !readFileSync(status, 'utf8').includes('State:\tZ');
}
