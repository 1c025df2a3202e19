import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { cacheFolder } from './go-module.ts';

const run = promisify(execFile);

/** `folder` holds what would be in `/`, `libraries` is its `usr/lib/<architecture>`. */
export type Unpacked =
  | { readonly kind: 'unpacked'; readonly folder: string; readonly libraries: string }
  | { readonly kind: 'failed'; readonly reason: string };

/**
 * Downloads Debian packages, without those that they depend on, and unpacks them into the cache: nothing is installed,
 * and no rights are needed.
 */
export async function unpackDebian(packages: readonly string[]): Promise<Unpacked> {
  const name = createHash('sha256').update(packages.join()).digest('hex').slice(0, 16);
  const folder = join(cacheFolder(), 'debian', name);
  try {
    if (!existsSync(folder)) await download(packages, folder);
    const [architecture = ''] = (await readdir(join(folder, 'usr/lib'))).filter((each) =>
      each.endsWith('-linux-gnu'),
    );
    return { kind: 'unpacked', folder, libraries: join(folder, 'usr/lib', architecture) };
  } catch (error) {
    const why = error instanceof Error ? error.message.trim() : String(error);
    const reason = `${packages.join(', ')} could not be had by "apt-get download" (a Debian or Ubuntu whose package lists are there: apt-get update): ${why}`;
    return { kind: 'failed', reason };
  }
}

async function download(packages: readonly string[], folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const workshop = await mkdtemp(join(dirname(folder), '.unpacking-'));
  try {
    await run('apt-get', ['download', ...packages], { cwd: workshop });
    const unpacked = join(workshop, 'root');
    for (const file of await readdir(workshop)) await run('dpkg', ['-x', join(workshop, file), unpacked]);
    await rename(unpacked, folder);
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}
