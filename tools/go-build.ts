import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { dirname, join } from 'node:path';

import { unpackDebian } from './debian.ts';
import { buildArguments, cachedProgram, moduleFolder, pinnedVersion } from './go-module.ts';
import { type Program, type ProgramName, programs } from './programs.ts';

export type Build = { kind: 'built'; file: string } | { kind: 'failed'; reason: string };

/** A cold kube-apiserver took 13 minutes on two busy cores; beyond this something hangs. */
const LONGEST_BUILD_MS = 45 * 60_000;

/** Builds one pinned program into the cache. Two builders at once waste time, but never see half a file. */
export async function build(name: ProgramName): Promise<Build> {
  const program = programs[name];
  const file = cachedProgram(name, program);
  process.stderr.write(`building ${name} ${pinnedVersion(program)} (${program.coldBuild} the first time)\n`);
  await mkdir(dirname(file), { recursive: true });
  const workshop = await mkdtemp(join(dirname(file), '.building-'));
  try {
    const fresh = join(workshop, name);
    const c = await cEnvironment(program);
    const failure =
      c.kind === 'failed' ? c.reason : await go(buildArguments(program, fresh), moduleFolder(program), c.env);
    if (failure !== undefined) return { kind: 'failed', reason: `building ${name}: ${failure}` };
    await rename(fresh, file);
    return { kind: 'built', file };
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

type Environment = Readonly<Record<string, string>>;

/** What tells `go` where a program's C libraries are. */
async function cEnvironment({
  cLibraries,
}: Program): Promise<{ kind: 'ready'; env: Environment } | { kind: 'failed'; reason: string }> {
  if (cLibraries === undefined) return { kind: 'ready', env: { CGO_ENABLED: '0' } };
  const unpacked = await unpackDebian(cLibraries);
  if (unpacked.kind === 'failed') return unpacked;
  const { folder, libraries } = unpacked;
  return {
    kind: 'ready',
    env: {
      CGO_ENABLED: '1',
      PKG_CONFIG_SYSROOT_DIR: folder,
      PKG_CONFIG_LIBDIR: join(libraries, 'pkgconfig'),
    },
  };
}

/** A build takes the machine for minutes, and may have it where nobody else wants it. */
const PRIORITY = 10;

/** Runs `go` and returns why it failed, or undefined. */
function go(args: readonly string[], cwd: string, env: Environment): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn('go', args, {
      cwd,
      // The Go that is installed: a build must not fetch another one. No VCS stamp: same bytes at every commit.
      env: { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-buildvcs=false', ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
      // Not `timeout`, whose timer keeps this process alive where there is no Go.
      signal: AbortSignal.timeout(LONGEST_BUILD_MS),
    });
    if (child.pid !== undefined) setPriority(child.pid, PRIORITY);
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-4000);
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'ENOENT' ? 'Go is not installed' : error.message);
    });
    child.on('close', (code, signal) => {
      resolve(code === 0 ? undefined : `go ended with ${code ?? signal ?? 'nothing'}: ${errors.trim()}`);
    });
  });
}
