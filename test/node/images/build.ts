import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

import { parse } from 'yaml';

import { type Image, packLayer, writeArchive } from './archive.ts';
import { readImageConfig } from './dockerfile.ts';
import { CHECKOUT, copyInto, NODE_FILE, stageDependencies, stageNode, stageProgram } from './layers.ts';
import { PAUSE_IMAGE } from './pause.ts';

/** Between runs: most of it changes seldom. */
const KEPT = join(CHECKOUT, 'node_modules/.cache/node-image');

/** The program that plays tbot, run as Teleport's image runs tbot: `tbot` is the entry point, the chart says the rest. */
const TBOT = { folder: 'test/tbot', main: 'test/tbot/main.ts' } as const;

export interface Images {
  readonly archives: readonly string[];
  /** The tag of the program's. */
  readonly appVersion: string;
  /** Whether the tests' own tbot is among them. */
  readonly hasTbot: boolean;
}

/**
 * Makes the images that a node of the tests has, as OCI archives: the program as the Dockerfile makes it, from what
 * `npm run build` makes; the tests' tbot, under the name of Teleport's; what holds a pod. None is ever pulled.
 */
export async function buildImages(pause: string): Promise<Images> {
  await mkdir(KEPT, { recursive: true });
  const layer = (name: string, fill: (folder: string) => Promise<unknown>, key?: string) =>
    packLayer(join(KEPT, `layer-${name}.tar`), fill, key);
  const [node, dependencies, program, held] = await Promise.all([
    layer('node', stageNode, await nodeKey()),
    layer('dependencies', stageDependencies, await hashOf(['package-lock.json'])),
    layer('program', stageProgram, await hashOf(await programSources())),
    layer('pause', (folder) => copyInto(folder, pause, '/pause'), pause),
  ]);
  const version = await appVersion();
  const images: Record<string, Image> = {
    'tbot-injector': {
      name: `docker.io/library/tbot-injector:${version}`,
      config: readImageConfig(await readFile(join(CHECKOUT, 'Dockerfile'), 'utf8')),
      layers: [node, dependencies, program],
    },
    pause: {
      name: PAUSE_IMAGE,
      config: { Entrypoint: ['/pause'], User: '65535:65535' },
      layers: [held],
    },
  };
  if (existsSync(join(CHECKOUT, TBOT.main))) {
    images['tbot'] = {
      name: `public.ecr.aws/gravitational/tbot-distroless:${await tbotVersion()}`,
      config: { Entrypoint: ['/nodejs/bin/node', join('/app', TBOT.main)], User: '65532:65532' },
      layers: [node, dependencies, await layer('tbot', stageTbot)],
    };
  }
  const archives = Object.entries(images).map(async ([name, image]) => {
    const file = join(KEPT, `${name}.tar`);
    await writeArchive(file, image);
    return file;
  });
  return { archives: await Promise.all(archives), appVersion: version, hasTbot: 'tbot' in images };
}

function stageTbot(folder: string): Promise<void> {
  return copyInto(folder, join(CHECKOUT, TBOT.folder), join('/app', TBOT.folder));
}

/** What decides what `npm run build` makes. */
async function programSources(): Promise<readonly string[]> {
  const sources = await readdir(join(CHECKOUT, 'src'), { recursive: true, withFileTypes: true });
  const files = sources.filter((entry) => entry.isFile());
  return [
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
    ...files.map(({ parentPath, name }) => relative(CHECKOUT, join(parentPath, name))).toSorted(),
  ];
}

async function hashOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file}\0`).update(await readFile(join(CHECKOUT, file)));
  return hash.digest('hex');
}

/** A Node of another version is another file. */
async function nodeKey(): Promise<string> {
  const { size, mtimeMs } = await stat(NODE_FILE);
  return `${size} ${mtimeMs}`;
}

async function appVersion(): Promise<string> {
  const chart = await readFile(join(CHECKOUT, 'charts/tbot-injector/Chart.yaml'), 'utf8');
  return (parse(chart) as { appVersion: string }).appVersion;
}

/** That of the values which the tests install with. */
async function tbotVersion(): Promise<string> {
  const values = await readFile(join(CHECKOUT, 'test/chart/minimal-values.yaml'), 'utf8');
  return (parse(values) as { tbot: { version: string } }).tbot.version;
}
