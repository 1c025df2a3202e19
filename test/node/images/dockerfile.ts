import type { ImageConfig } from './archive.ts';

/** What the last stage of a Dockerfile says of how its image runs. */
export function readImageConfig(dockerfile: string): ImageConfig {
  const lastStage = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
  const said = (instruction: string): readonly string[] =>
    [...lastStage.matchAll(new RegExp(`^${instruction} (.*)$`, 'gm'))].map(([, rest = '']) => rest);
  const list = (instruction: string): readonly string[] =>
    JSON.parse(said(instruction).at(-1) ?? '[]') as readonly string[];
  return {
    Entrypoint: list('ENTRYPOINT'),
    Cmd: list('CMD'),
    Env: ['PATH=/usr/local/bin:/usr/bin:/bin', ...said('ENV')],
    WorkingDir: said('WORKDIR').at(-1) ?? '/',
    User: said('USER').at(-1) ?? '0',
  };
}
