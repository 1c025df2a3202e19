import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';

import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';

import { runCommand } from '../cluster/harness/command.ts';
import { eventually } from '../cluster/harness/eventually.ts';
import { cgroupsNamed, makeCgroups, removeCgroups } from './harness/cgroups.ts';
import { PREFIX } from './harness/leftovers.ts';
import { startRelay } from './harness/relay.ts';
import { Sandbox } from './harness/sandbox.ts';

const HARNESS = join(import.meta.dirname, 'harness');

describe.skipIf(inject('stage').kind !== 'node')('where a node cannot be, or was', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tbot-injector-faults-'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('ends everything in its namespaces, and takes its mounts along', async () => {
    const mounts = readFileSync('/proc/self/mounts', 'utf8');
    const sandbox = await Sandbox.open(folder);
    const sleeper = sandbox.start('sleep', 'sleep', ['1000'], join(folder, 'log'));
    await sandbox.run(['mount', '-t', 'tmpfs', 'tmpfs', '/run']);
    await sandbox.close();
    await eventually('sleep has ended', () => sleeper.ended());
    expect(readFileSync('/proc/self/mounts', 'utf8')).toBe(mounts);
  });

  it('passes signals on to a program, and none to its neighbours', async () => {
    const sandbox = await Sandbox.open(folder);
    const [one, other] = ['one', 'other'].map((name) =>
      sandbox.start(name, 'sleep', ['1000'], join(folder, name)),
    );
    await one?.stop('SIGKILL');
    expect(one?.ended()).toBe('it ended with SIGKILL');
    expect(other?.ended()).toBeUndefined();
    await sandbox.close();
  });

  it('says which port of the machine is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const sandbox = await Sandbox.open(folder);
    await expect(startRelay(sandbox, port)).rejects.toThrow(`port ${port} of this machine`);
    await sandbox.close();
    taken.close();
  });

  it('says that the machine gives no cgroups, and leaves none', async () => {
    const [first = ''] = readdirSync('/sys/fs/cgroup').filter((name) =>
      existsSync(join('/sys/fs/cgroup', name, 'cgroup.procs')),
    );
    const target = existsSync('/sys/fs/cgroup/cgroup.procs') ? '/sys/fs/cgroup' : `/sys/fs/cgroup/${first}`;
    const name = `${basename(folder)}-cgroups`;
    const script = `import('${HARNESS}/cgroups.ts').then(({ makeCgroups }) => makeCgroups('${name}')).catch(({ message }) => console.log(message))`;
    const readOnly = 'mount -o remount,bind,ro "$1" && exec "$2" --eval "$3"';
    const { stdout } = await runCommand('unshare', [
      '--mount',
      'sh',
      '-c',
      readOnly,
      'sh',
      target,
      process.execPath,
      script,
    ]);
    expect(stdout).toContain(`this machine lets the tests make no cgroups in ${target}`);
    expect(cgroupsNamed(name)).toEqual([]);
  });

  it('removes what a killed test left, and leaves what another test uses', async () => {
    const killed = await startOther();
    const living = await startOther();
    killed.child.kill('SIGKILL');
    await eventually('its processes have ended', () => !isRunning(killed.sleeper) || undefined);
    const script = `import('${HARNESS}/leftovers.ts').then(({ removeLeftovers }) => removeLeftovers())`;
    const { code, stderr } = await runCommand(process.execPath, ['--eval', script]);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `removing what an earlier run of the node tests left: ${killed.name}\n`,
    });
    expect(cgroupsNamed(killed.name)).toEqual([]);
    expect(existsSync(join(tmpdir(), killed.name))).toBe(false);
    expect(cgroupsNamed(living.name)).toEqual([living.name]);
    expect(isRunning(living.sleeper)).toBe(true);
    living.child.kill('SIGKILL');
    await eventually('its processes have ended', () => !isRunning(living.sleeper) || undefined);
    await removeCgroups(living.name);
    await rm(join(tmpdir(), living.name), { recursive: true });
  });

  it('makes a cgroup in every hierarchy, and removes it with all below', async () => {
    const name = `${basename(folder)}-tree`;
    await makeCgroups(name);
    await makeCgroups(join(name, 'below'));
    await removeCgroups(name);
    expect(cgroupsNamed(name)).toEqual([]);
  });
});

interface Other {
  readonly child: ReturnType<typeof spawn>;
  /** Of its folder and cgroups. */
  readonly name: string;
  /** A process in its namespaces. */
  readonly sleeper: number;
}

/** Another test with a sandbox, a cgroup, and a process in both. */
async function startOther(): Promise<Other> {
  const folder = await mkdtemp(join(tmpdir(), PREFIX));
  const name = basename(folder);
  const seconds = 100_000 + Math.floor(Math.random() * 100_000);
  const script = `
    const { Sandbox } = await import('${HARNESS}/sandbox.ts');
    const { signFolder } = await import('${HARNESS}/leftovers.ts');
    const { makeCgroups } = await import('${HARNESS}/cgroups.ts');
    await signFolder('${folder}');
    await makeCgroups('${name}');
    const sandbox = await Sandbox.open('${folder}');
    sandbox.start('sleep', 'sleep', ['${seconds}'], '${folder}/log');
    console.log('there');`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(createInterface(child.stdout), 'line');
  const sleeper = await eventually('it sleeps', () =>
    readdirSync('/proc')
      .filter((pid) => /^\d+$/.test(pid))
      .map(Number)
      .find((pid) => commandOf(pid) === `sleep\0${seconds}\0`),
  );
  return { child, name, sleeper };
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function isRunning(pid: number): boolean {
  return commandOf(pid).startsWith('sleep');
}
