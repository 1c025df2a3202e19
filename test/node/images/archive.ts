import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
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
  /** Folders, each with what it puts into `/`, the lowest first. All of it will be root's. */
  readonly layers: readonly string[];
}

const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Writes an OCI archive, as `docker save` and `ctr images export` do; the same content gives the same bytes. */
export async function writeArchive(file: string, { name, config, layers }: Image): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const workshop = await mkdtemp(join(dirname(file), '.packing-'));
  try {
    const layout = join(workshop, 'layout');
    await mkdir(join(layout, 'blobs/sha256'), { recursive: true });
    const packed = [];
    for (const layer of layers) packed.push(await packLayer(layout, layer));
    const architecture = ARCHITECTURES[process.arch] ?? process.arch;
    const configBlob = await writeBlob(layout, 'application/vnd.oci.image.config.v1+json', {
      architecture,
      os: 'linux',
      config,
      rootfs: { type: 'layers', diff_ids: packed.map(({ digest }) => digest) },
    });
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    const manifest = { schemaVersion: 2, mediaType, config: configBlob, layers: packed };
    const described = {
      ...(await writeBlob(layout, mediaType, manifest)),
      platform: { architecture, os: 'linux' },
      annotations: { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': name },
    };
    await writeFile(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
    await writeFile(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [described] }));
    const whole = join(workshop, 'archive.tar');
    await tar(layout, whole);
    await rename(whole, file);
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** Not compressed: nothing travels. */
async function packLayer(layout: string, folder: string): Promise<Blob> {
  const file = join(layout, 'layer.tar');
  await tar(folder, file);
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const hex = hash.digest('hex');
  const { size } = await stat(file);
  await rename(file, join(layout, 'blobs/sha256', hex));
  return { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: `sha256:${hex}`, size };
}

async function writeBlob(layout: string, mediaType: string, content: object): Promise<Blob> {
  const bytes = Buffer.from(JSON.stringify(content));
  const hex = createHash('sha256').update(bytes).digest('hex');
  await writeFile(join(layout, 'blobs/sha256', hex), bytes);
  return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
}

async function tar(folder: string, file: string): Promise<void> {
  const same = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
  await run('tar', [...same, '--mode=a+rX,u+w', '--create', '--file', file, '--directory', folder, '.']);
}
