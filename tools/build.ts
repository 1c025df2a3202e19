import { findPrograms } from './find.ts';
import { type ProgramSet, programSets } from './programs.ts';

// `node tools/build.ts [cluster|node]`: fills the cache ahead of the tests and prints where each program is.
const [set = 'cluster'] = process.argv.slice(2);
if (!Object.hasOwn(programSets, set)) {
  console.error(`there are no programs "${set}"; say one of: ${Object.keys(programSets).join(', ')}`);
  process.exitCode = 2;
} else {
  const found = await findPrograms(programSets[set as ProgramSet]);
  if (found.kind === 'missing') {
    console.error(found.reason);
    process.exitCode = 1;
  } else {
    for (const [name, file] of Object.entries(found.files)) console.log(`${name}\t${file}`);
  }
}
