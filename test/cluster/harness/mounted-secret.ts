import { randomUUID } from 'node:crypto';
import { mkdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Fills a folder as a kubelet fills a Secret volume: the files are links into `..data`, itself a link that is
 * exchanged in one step. Again with other contents: a reader sees the old ones or the new, file by file.
 */
export async function mountSecret(folder: string, data: Readonly<Record<string, string>>): Promise<void> {
  const version = `..${randomUUID()}`;
  await mkdir(join(folder, version), { recursive: true });
  for (const [name, content] of Object.entries(data)) {
    await writeFile(join(folder, version, name), content, { mode: 0o600 });
  }
  const current = join(folder, '..data');
  const before = await readlink(current).catch(() => undefined);
  await symlink(version, `${current}_tmp`);
  await rename(`${current}_tmp`, current);
  if (before !== undefined) return rm(join(folder, before), { recursive: true });
  for (const name of Object.keys(data)) await symlink(join('..data', name), join(folder, name));
}
