import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

import { type ProgramFiles, findPrograms } from '../../../tools/find.ts';
import { type ProgramOf, programSets } from '../../../tools/programs.ts';
import { buildImages, type Images } from '../images/build.ts';
import { makeCgroups, removeCgroups } from './cgroups.ts';
import { PREFIX, signFolder } from './leftovers.ts';
import { findNft } from './nft.ts';
import { Sandbox } from './sandbox.ts';

/** What a node of the tests is made of, made once for all of them. */
export interface NodeParts extends Images {
  readonly files: ProgramFiles<ProgramOf<'node'>>;
  /** Variables with which kube-proxy finds `nft`. */
  readonly nftEnv: Readonly<Record<string, string>>;
}

export type FoundParts = ({ kind: 'node' } & NodeParts) | { kind: 'missing'; reason: string };

/** Finds them. What takes minutes is built only where `mayBuild`. */
export async function findParts({ mayBuild }: { mayBuild: boolean }): Promise<FoundParts> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return { kind: 'missing', reason: 'only root on Linux may start a node' };
  }
  const found = await findPrograms(programSets.node, { mayBuild });
  if (found.kind === 'missing') {
    const hint = mayBuild ? '' : '; build the programs once, which takes minutes: node tools/build.ts node';
    return { kind: 'missing', reason: found.reason + hint };
  }
  const nft = await findNft();
  if (nft.kind === 'missing') return nft;
  const forbidden = await whatIsForbidden();
  if (forbidden !== undefined) return { kind: 'missing', reason: forbidden };
  const images = await buildImages(found.files.pause);
  return { kind: 'node', files: found.files, nftEnv: nft.env, ...images };
}

/** What of a node this machine does not let even root have; found out before anything of it takes time. */
async function whatIsForbidden(): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), PREFIX));
  try {
    await signFolder(folder);
    await makeCgroups(basename(folder));
    await removeCgroups(basename(folder));
    await (await Sandbox.open(folder)).close();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
