import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parse } from 'yaml';

import { type Image, writeArchive } from './archive.ts';
import { readImageConfig } from './dockerfile.ts';
import { copyInto, stageDependencies, stageNode, stageProgram } from './layers.ts';
import { PAUSE_IMAGE } from './pause.ts';

const CHECKOUT = join(import.meta.dirname, '../../..');
const ARCHIVES = join(CHECKOUT, 'node_modules/.cache/node-image');

/** The program that plays tbot, run as Teleport's image runs tbot: `tbot` is the entry point, the chart says the rest. */
const TBOT = { folder: 'test/tbot', main: 'test/tbot/main.ts' } as const;

/**
 * Makes the images that a node of the tests has, as OCI archives: the program as the Dockerfile makes it, from what
 * `npm run build` makes; the tests' tbot, under the name of Teleport's; what holds a pod. None is ever pulled.
 */
export async function buildImages(pause: string): Promise<readonly string[]> {
  const stage = await mkdtemp(join(tmpdir(), 'tbot-injector-images-'));
  const layer = async (name: string, fill: (folder: string) => Promise<unknown>): Promise<string> => {
    const folder = join(stage, name);
    await mkdir(folder);
    await fill(folder);
    return folder;
  };
  try {
    const [node, dependencies, program] = await Promise.all([
      layer('node', stageNode),
      layer('dependencies', stageDependencies),
      layer('program', stageProgram),
    ]);
    const images: Record<string, Image> = {
      'tbot-injector': {
        name: `docker.io/library/tbot-injector:${await appVersion()}`,
        config: readImageConfig(await readFile(join(CHECKOUT, 'Dockerfile'), 'utf8')),
        layers: [node, dependencies, program],
      },
      pause: {
        name: PAUSE_IMAGE,
        config: { Entrypoint: ['/pause'], User: '65535:65535' },
        layers: [await layer('pause', (folder) => copyInto(folder, pause, '/pause'))],
      },
    };
    if (existsSync(join(CHECKOUT, TBOT.main))) {
      const player = await layer('tbot', (folder) =>
        copyInto(folder, join(CHECKOUT, TBOT.folder), join('/app', TBOT.folder)),
      );
      images['tbot'] = {
        name: `public.ecr.aws/gravitational/tbot-distroless:${await tbotVersion()}`,
        config: { Entrypoint: ['/nodejs/bin/node', join('/app', TBOT.main)], User: '65532:65532' },
        layers: [node, dependencies, player],
      };
    }
    const archives = Object.entries(images).map(async ([name, image]) => {
      const file = join(ARCHIVES, `${name}.tar`);
      await writeArchive(file, image);
      return file;
    });
    return await Promise.all(archives);
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
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
