import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

import { eventually } from '../../cluster/harness/eventually.ts';

const ROOT = '/sys/fs/cgroup';
/** What a kubelet counts and limits. */
const CONTROLLERS = ['cpu', 'cpuset', 'memory', 'pids'] as const;

function cgroupVersion(): 1 | 2 {
  return existsSync(join(ROOT, 'cgroup.controllers')) ? 2 : 1;
}

/** One with version 2; one per controller, and one for those without any, with version 1. */
function hierarchies(): readonly string[] {
  if (cgroupVersion() === 2) return [ROOT];
  return existsSync(ROOT) ? readdirSync(ROOT).map((each) => join(ROOT, each)) : [];
}

/** Makes a cgroup of this name in every hierarchy. Throws a sentence where the machine forbids it. */
export async function makeCgroups(name: string): Promise<void> {
  const missing = CONTROLLERS.filter((controller) => !offered().includes(controller));
  if (missing.length > 0) {
    throw new Error(`this machine offers no cgroup controller ${missing.join(', ')}, which a kubelet needs`);
  }
  for (const hierarchy of hierarchies()) {
    try {
      await mkdir(join(hierarchy, name));
    } catch (error) {
      await removeCgroups(name);
      const message = `this machine lets the tests make no cgroups in ${hierarchy}: a container needs --privileged`;
      throw new Error(message, { cause: error });
    }
  }
}

function offered(): readonly string[] {
  if (cgroupVersion() === 1)
    return CONTROLLERS.filter((each) => existsSync(join(ROOT, each, 'cgroup.procs')));
  return readFileSync(join(ROOT, 'cgroup.subtree_control'), 'utf8').trim().split(' ');
}

/** Removes what `makeCgroups` made, and what is below it; the processes in it have ended, or are about to. */
export async function removeCgroups(name: string): Promise<void> {
  for (const hierarchy of hierarchies()) {
    await eventually(`${join(hierarchy, name)} is gone`, async () => {
      await removeTree(join(hierarchy, name));
      return true;
    });
  }
}

async function removeTree(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeTree(join(folder, entry.name));
  }
  await rmdir(folder);
}

/** The names of cgroups that begin so, in any hierarchy. */
export function cgroupsNamed(prefix: string): readonly string[] {
  const names = hierarchies().flatMap((hierarchy) => readdirSync(hierarchy));
  return [...new Set(names.filter((name) => name.startsWith(prefix)))];
}
