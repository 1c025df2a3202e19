import { readFileSync } from 'node:fs';

/** The release of this program, from package.json beside `src/` or `dist/`. */
export const VERSION = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  }
).version;
