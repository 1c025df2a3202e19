import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { cgroupsNamed, removeCgroups } from './cgroups.ts';

/** Begins the name of a node's folder and of its cgroups. */
export const PREFIX = 'tbot-injector-node-';

const OWNER = 'owner';

/** Says in a node's folder whose it is. */
export async function signFolder(folder: string): Promise<void> {
  await writeFile(join(folder, OWNER), ownerOf(process.pid) ?? '');
}

/**
 * Removes folders and cgroups of nodes whose tests no longer run: a test that was killed could not. Processes, mounts
 * and networks it left none: they end with it.
 */
export async function removeLeftovers(): Promise<void> {
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith(PREFIX));
  for (const name of new Set([...folders, ...cgroupsNamed(PREFIX)])) {
    if (await isOwned(name)) continue;
    process.stderr.write(`removing what an earlier run of the node tests left: ${name}\n`);
    await removeCgroups(name);
    await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}

async function isOwned(name: string): Promise<boolean> {
  const owner = await readFile(join(tmpdir(), name, OWNER), 'utf8').catch(() => '');
  return owner !== '' && ownerOf(Number(owner.split(' ')[0])) === owner;
}

/** A process and when it began: the number alone may be another process's by now. */
function ownerOf(pid: number): string | undefined {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return undefined;
  const afterName = readFileSync(file, 'utf8').split(') ').at(-1) ?? '';
  return `${pid} ${afterName.split(' ')[19] ?? ''}`;
}
