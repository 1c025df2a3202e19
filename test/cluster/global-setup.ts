import type { TestProject } from 'vitest/node';

import { type Found, findPrograms } from '../../tools/find.ts';
import { programSets } from '../../tools/programs.ts';

declare module 'vitest' {
  interface ProvidedContext {
    programs: Found;
  }
}

/** Once for all test files that need programs beside Node: finds them, building what is not there yet. */
export default async function setup(project: TestProject): Promise<void> {
  const found = await findPrograms(programSets.cluster);
  if (found.kind === 'missing') {
    // In CI a skipped test looks like a passed one: be loud there.
    if (process.env['CI'] === 'true')
      throw new Error(`the test cluster's programs are missing: ${found.reason}`);
    process.stderr.write(
      `\nSKIPPED: every test on a real API server, for its programs are missing: ${found.reason}\n\n`,
    );
  }
  project.provide('programs', found);
}
