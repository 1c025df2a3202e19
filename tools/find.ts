import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

import { build } from './go-build.ts';
import { cachedProgram } from './go-module.ts';
import { type ProgramName, type ProgramOf, programs } from './programs.ts';

export type ProgramFiles<N extends ProgramName = ProgramOf<'cluster'>> = Readonly<Record<N, string>>;

/** Every program's file, or why they cannot be had on this machine. */
export type Found<N extends ProgramName = ProgramOf<'cluster'>> =
  { kind: 'found'; files: ProgramFiles<N> } | { kind: 'missing'; reason: string };

/**
 * Finds the programs that tests run: in `KUBEBUILDER_ASSETS`, else in the cache, else by building them with Go.
 * The first build takes minutes and says so on stderr. With `mayBuild: false` a program that is not there is missing.
 */
export async function findPrograms<N extends ProgramName>(
  names: readonly N[],
  { mayBuild = true } = {},
): Promise<Found<N>> {
  const files: Partial<Record<N, string>> = {};
  for (const name of names) {
    const present = [fromAssets(name), cachedProgram(name, programs[name])].find(isExecutable);
    if (present !== undefined) {
      files[name] = present;
      continue;
    }
    if (!mayBuild) return { kind: 'missing', reason: `${name} is not built yet` };
    const built = await build(name);
    if (built.kind === 'failed') return { kind: 'missing', reason: built.reason };
    files[name] = built.file;
  }
  return { kind: 'found', files: files as ProgramFiles<N> };
}

/** The convention of setup-envtest. Both programs or none: they must be of one version. */
function fromAssets(name: ProgramName): string | undefined {
  const folder = process.env['KUBEBUILDER_ASSETS'];
  if (folder === undefined || programs[name].module !== 'kube') return undefined;
  const whole = ['etcd', 'kube-apiserver'].every((needed) => isExecutable(join(folder, needed)));
  return whole ? join(folder, name) : undefined;
}

function isExecutable(file: string | undefined): file is string {
  if (file === undefined) return false;
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
