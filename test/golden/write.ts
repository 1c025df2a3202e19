import { rm, writeFile } from 'node:fs/promises';
import { here, type Expected } from './load.ts';

const VERDICTS = ['expected.patch.json', 'problems.txt', 'skipped.txt', 'warnings.txt'];

/** Writes today's outcome for a manifest as its golden; the difference has to be reviewed. */
export async function writeGolden(name: string, actual: Expected): Promise<void> {
  await Promise.all(VERDICTS.map((file) => rm(here(`${name}/${file}`), { force: true })));
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
