import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const CHECKOUT = join(import.meta.dirname, '../../..');

/** The Node that the tests run with. */
export const NODE_FILE = join(CHECKOUT, 'node_modules/node/bin/node');

/** Where Google's distroless images have it, which the Dockerfile builds on. */
const NODE = '/nodejs/bin/node';

/** A layer with what Google's `nodejs24-debian12:nonroot` gives: Node, the libraries that it loads, a user. */
export async function stageNode(folder: string): Promise<void> {
  await copyInto(folder, NODE_FILE, NODE);
  const { stdout } = await run('ldd', [NODE_FILE]);
  for (const [library] of stdout.matchAll(/(?<= => |^\t)\/\S+/gm)) await copyInto(folder, library, library);
  await write(
    folder,
    '/etc/passwd',
    'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n',
  );
  await write(folder, '/etc/group', 'root:x:0:\nnonroot:x:65532:\n');
}

/** A layer with what `npm ci --omit=dev` would put beside the program. */
export async function stageDependencies(folder: string): Promise<void> {
  const lock = JSON.parse(await readFile(join(CHECKOUT, 'package-lock.json'), 'utf8')) as Lock;
  const wanted = Object.entries(lock.packages).filter(
    ([path, { dev, devOptional }]) => path !== '' && dev !== true && devOptional !== true,
  );
  for (const [path] of wanted) {
    await cp(join(CHECKOUT, path), join(folder, 'app', path), {
      recursive: true,
      // What is nested has an entry of its own.
      filter: (file) => !file.slice(CHECKOUT.length + path.length + 1).includes('/node_modules'),
    }).catch((error: unknown) => {
      // Optional, and for other machines.
      if (lock.packages[path]?.optional !== true) throw error;
    });
  }
}

interface Lock {
  readonly packages: Readonly<Record<string, { dev?: boolean; devOptional?: boolean; optional?: boolean }>>;
}

/** A layer with what `npm run build` makes. */
export async function stageProgram(folder: string): Promise<void> {
  await copyInto(folder, join(CHECKOUT, 'package.json'), '/app/package.json');
  // Kept between runs, so that only what changed is compiled again.
  const kept = join(CHECKOUT, 'node_modules/.cache/node-image');
  const incremental = ['--incremental', '--tsBuildInfoFile', join(kept, 'tsbuildinfo')];
  const flags = ['--outDir', join(kept, 'dist'), ...incremental];
  await run('npm', ['run', 'build', '--', ...flags], { cwd: CHECKOUT });
  await cp(join(kept, 'dist'), join(folder, 'app/dist'), { recursive: true });
}

export async function copyInto(folder: string, from: string, to: string): Promise<void> {
  const target = join(folder, to);
  await mkdir(dirname(target), { recursive: true });
  await cp(from, target, { dereference: true, recursive: true });
}

async function write(folder: string, to: string, text: string): Promise<void> {
  const target = join(folder, to);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, text);
}
