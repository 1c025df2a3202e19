import { findPrograms } from './find.ts';

// `node tools/build.ts`: fills the cache ahead of the tests and prints where each program is.
const found = await findPrograms();
if (found.kind === 'missing') {
  console.error(found.reason);
  process.exitCode = 1;
} else {
  for (const [name, file] of Object.entries(found.files)) console.log(`${name}\t${file}`);
}
