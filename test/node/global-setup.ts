import type { TestProject } from 'vitest/node';

import { type FoundParts, findParts } from './harness/parts.ts';

declare module 'vitest' {
  interface ProvidedContext {
    node: FoundParts;
  }
}

/** Once for all tests on a node. They are skipped, loudly, where there can be none. */
export default async function setup(project: TestProject): Promise<void> {
  const isCi = process.env['CI'] === 'true';
  const parts = await findParts({ mayBuild: isCi });
  if (parts.kind === 'missing') {
    // In CI a skipped test looks like a passed one; but what is no root is so on purpose.
    if (isCi && process.getuid?.() === 0) throw new Error(`there is no node for the tests: ${parts.reason}`);
    process.stderr.write(`\nSKIPPED: every test on a whole node, for ${parts.reason}\n\n`);
  }
  project.provide('node', parts);
}
