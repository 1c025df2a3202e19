import { rm, writeFile } from 'node:fs/promises';
import { here, type Expected } from './load.ts';

const GOLDEN_FILES = ['expected.patch.json', 'problems.txt', 'skipped.txt', 'warnings.txt'];

/** Writes the actual outcome of a manifest as its golden, for review in the diff. */
export async function writeGolden(name: string, actual: Expected): Promise<void> {
  await Promise.all(GOLDEN_FILES.map((file) => rm(here(`${name}/${file}`), { force: true })));
  const write = (file: string, text: string): Promise<void> =>
    writeFile(here(`${name}/${file}`), `${text}\n`);
  switch (actual.kind) {
    case 'inject':
      await write('expected.patch.json', JSON.stringify(actual.patch, null, 2));
      break;
    case 'refuse':
      await write('problems.txt', actual.problems.join('\n'));
      return;
    case 'skip':
      await write('skipped.txt', actual.reason);
  }
  if (actual.warnings.length > 0) await write('warnings.txt', actual.warnings.join('\n'));
}
