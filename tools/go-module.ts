import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

import type { Program } from './programs.ts';

const FLAGS = ['build', '-p', '2', '-trimpath'] as const;

/** The folder of the go.mod that pins a program. */
export function moduleFolder(program: Program): string {
  return join(import.meta.dirname, program.module);
}

/** The version that a program's go.mod pins. Throws when it pins none: that is a mistake in the checkout. */
export function pinnedVersion(program: Program): string {
  const goMod = readFileSync(join(moduleFolder(program), 'go.mod'), 'utf8');
  for (const line of goMod.split('\n')) {
    const [name, version] = line
      .trim()
      .replace(/^require /, '')
      .split(' ');
    if (name === program.versionOf && version !== undefined) return version;
  }
  throw new Error(`tools/${program.module}/go.mod requires no ${program.versionOf}`);
}

/** The arguments of `go` that build one program into a file. */
export function buildArguments(program: Program, output: string): string[] {
  const variables = Object.entries(program.variables?.(pinnedVersion(program)) ?? {});
  const link = [
    '-s',
    '-w',
    ...variables.map(([name, value]) => `-X ${name}=${value}`),
    ...(program.cLibraries === undefined ? [] : ['-extldflags -static']),
  ].join(' ');
  const tags = program.tags === undefined ? [] : ['-tags', program.tags];
  return [...FLAGS, ...tags, '-ldflags', link, '-o', output, program.package];
}

/**
 * Where the built program is kept: outside the checkout, so that a fresh clone finds it,
 * and under a name made from everything that decides its bytes, so that a new pin is a new file.
 */
export function cachedProgram(name: string, program: Program): string {
  const hash = createHash('sha256');
  const own = program.package.startsWith('./') ? [join(program.package, 'main.go')] : [];
  for (const file of ['go.mod', 'go.sum', ...own])
    hash.update(readFileSync(join(moduleFolder(program), file)));
  hash.update(buildArguments(program, name).join('\0'));
  return join(cacheFolder(), 'tools', hash.digest('hex').slice(0, 16), name);
}

/** Where is kept what takes long to make, for all checkouts of a person. */
export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'tbot-injector');
}
