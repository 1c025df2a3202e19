import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What a Dockerfile says at its end. */
export interface ImageConfig {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly WorkingDir?: string;
  readonly User?: string;
}

export interface Image {
  /** In full, such as `docker.io/library/tbot-injector:0.1.0`. */
  readonly name: string;
  readonly config: ImageConfig;
  /** The lowest first. */
  readonly layers: readonly Layer[];
}

/** A packed folder of what an image puts into `/`. */
export interface Layer {
  readonly file: string;
  readonly blob: Blob;
}

const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' };

/**
 * Writes an OCI archive, as `docker save` and `ctr images export` do, for `NAME.tar` beside which `NAME.digest` says
 * what is in it: the same content is not written again.
 */
export async function writeArchive(file: string, { name, config, layers }: Image): Promise<void> {
  const workshop = await mkdtemp(join(dirname(file), '.packing-'));
  try {
    const layout = join(workshop, 'layout');
    await mkdir(join(layout, 'blobs/sha256'), { recursive: true });
    const architecture = ARCHITECTURES[process.arch] ?? process.arch;
    const configBlob = await writeBlob(layout, 'application/vnd.oci.image.config.v1+json', {
      architecture,
      os: 'linux',
      config,
      rootfs: { type: 'layers', diff_ids: layers.map(({ blob }) => blob.digest) },
    });
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    const manifest = {
      schemaVersion: 2,
      mediaType,
      config: configBlob,
      layers: layers.map(({ blob }) => blob),
    };
    const described = {
      ...(await writeBlob(layout, mediaType, manifest)),
      platform: { architecture, os: 'linux' },
      annotations: { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name },
    };
    const index = JSON.stringify({ schemaVersion: 2, manifests: [described] });
    const digestFile = file.replace(/tar$/, 'digest');
    if (existsSync(file) && (await readFile(digestFile, 'utf8').catch(() => '')) === index) return;
    await writeFile(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
    await writeFile(join(layout, 'index.json'), index);
    // No hard links: two archives that are packed at once have layers in common, and tar takes a new link for a change.
    for (const layer of layers)
      await symlink(layer.file, join(layout, 'blobs', layer.blob.digest.replace(':', '/')));
    const whole = join(workshop, 'archive.tar');
    await tar(layout, whole, ['--dereference']);
    await rename(whole, file);
    await writeFile(digestFile, index);
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

/**
 * Packs what `fill` puts into an empty folder; all of it will be root's. What was packed into `file` under the same
 * `key` is taken as it is. Not compressed: nothing travels.
 */
export async function packLayer(
  file: string,
  fill: (folder: string) => Promise<unknown>,
  key?: string,
): Promise<Layer> {
  const noteFile = file.replace(/tar$/, 'json');
  const note = await readFile(noteFile, 'utf8').catch(() => '{}');
  const kept = JSON.parse(note) as { key?: string; blob?: Blob };
  if (key !== undefined && kept.key === key && kept.blob !== undefined && existsSync(file)) {
    return { file, blob: kept.blob };
  }
  const workshop = await mkdtemp(join(dirname(file), '.packing-'));
  try {
    const folder = join(workshop, 'root');
    await mkdir(folder);
    await fill(folder);
    const packed = join(workshop, 'layer.tar');
    await tar(folder, packed);
    const hash = createHash('sha256');
    await pipeline(createReadStream(packed), hash);
    const { size } = await stat(packed);
    const mediaType = 'application/vnd.oci.image.layer.v1.tar';
    const blob = { mediaType, digest: `sha256:${hash.digest('hex')}`, size };
    await rename(packed, file);
    await writeFile(noteFile, JSON.stringify({ key, blob }));
    return { file, blob };
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

export interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

async function writeBlob(layout: string, mediaType: string, content: object): Promise<Blob> {
  const bytes = Buffer.from(JSON.stringify(content));
  const hex = createHash('sha256').update(bytes).digest('hex');
  await writeFile(join(layout, 'blobs/sha256', hex), bytes);
  return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
}

async function tar(folder: string, file: string, more: readonly string[] = []): Promise<void> {
  const same = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
  await run('tar', [
    ...same,
    ...more,
    '--mode=a+rX,u+w',
    '--create',
    '--file',
    file,
    '--directory',
    folder,
    '.',
  ]);
}
