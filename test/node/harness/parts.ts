import { type ProgramFiles, findPrograms } from '../../../tools/find.ts';
import { type ProgramOf, programSets } from '../../../tools/programs.ts';
import { buildImages } from '../images/build.ts';
import { findNft } from './nft.ts';

/** What a node of the tests is made of, made once for all of them. */
export interface NodeParts {
  readonly files: ProgramFiles<ProgramOf<'node'>>;
  readonly nftEnv: Readonly<Record<string, string>>;
  /** OCI archives of the images that it has. */
  readonly archives: readonly string[];
}

export type FoundParts = ({ kind: 'found' } & NodeParts) | { kind: 'missing'; reason: string };

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
  const archives = await buildImages(found.files.pause);
  return {
    kind: 'found',
    files: found.files,
    nftEnv: { ...process.env, ...nft.env } as Record<string, string>,
    archives,
  };
}
