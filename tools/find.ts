import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

import { build } from './go-build.ts';
import { cachedProgram } from './go-module.ts';
import { type ProgramName, programNames, programs } from './programs.ts';

export type ProgramFiles = Readonly<Record<ProgramName, string>>;

/** Every program's file, or why they cannot be had on this machine. */
export type Found = { kind: 'found'; files: ProgramFiles } | { kind: 'missing'; reason: string };

/**
 * Finds the programs that tests run: in `KUBEBUILDER_ASSETS`, else in the cache, else by building them with Go.
 * The first build takes minutes and says so on stderr.
 */
export async function findPrograms(): Promise<Found> {
  const files: Partial<Record<ProgramName, string>> = {};
  for (const name of programNames) {
    const present = [fromAssets(name), cachedProgram(name, programs[name])].find(isExecutable);
    if (present !== undefined) {
      files[name] = present;
      continue;
    }
    const built = await build(name);
    if (built.kind === 'failed') return { kind: 'missing', reason: built.reason };
    files[name] = built.file;
  }
  return { kind: 'found', files: files as ProgramFiles };
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
