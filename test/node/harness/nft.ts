import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { unpackDebian } from '../../../tools/debian.ts';

/** `nft` and the libraries that a Debian without it lacks. */
const PACKAGES = [
  'nftables',
  'libnftables1',
  'libnftnl11',
  'libmnl0',
  'libjansson4',
  'libxtables12',
  'libedit2',
  'libbsd0',
  'libmd0',
] as const;

export type Nft =
  | { readonly kind: 'found'; readonly env: Readonly<Record<string, string>> }
  | { readonly kind: 'missing'; readonly reason: string };

/** Variables with which kube-proxy finds the program `nft`: the machine's, or Debian's, unpacked and not installed. */
export async function findNft(): Promise<Nft> {
  const path = process.env['PATH'] ?? '';
  const isThere = [...path.split(':'), '/usr/sbin', '/sbin'].some((folder) =>
    existsSync(join(folder, 'nft')),
  );
  if (isThere) return { kind: 'found', env: { PATH: `${path}:/usr/sbin:/sbin` } };
  const unpacked = await unpackDebian(PACKAGES);
  if (unpacked.kind === 'failed') return { kind: 'missing', reason: unpacked.reason };
  const { folder, libraries } = unpacked;
  return { kind: 'found', env: { PATH: `${path}:${join(folder, 'usr/sbin')}`, LD_LIBRARY_PATH: libraries } };
}
