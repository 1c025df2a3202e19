import { resolve } from 'node:path';

import type { TestProject } from 'vitest/node';

import { findPrograms } from '../../tools/find.ts';
import { findParts } from './harness/parts.ts';
import type { ProgramImage, Stage } from './harness/site.ts';

declare module 'vitest' {
  interface ProvidedContext {
    stage: Stage;
  }
}

/** Once for all tests on a node. They are skipped, loudly, where there can be none. */
export default async function setup(project: TestProject): Promise<void> {
  const stage = await findStage();
  if (stage.kind === 'missing') {
    // In CI a skipped test looks like a passed one; but who is not root there is so on purpose.
    const mustBe = process.env['CI'] === 'true' && process.getuid?.() === 0;
    if (mustBe || E2E_KUBECONFIG !== undefined)
      throw new Error(`there is no node for the tests: ${stage.reason}`);
    process.stderr.write(`\nSKIPPED: every test on a whole node: ${stage.reason}\n\n`);
  }
  project.provide('stage', stage);
}

const { E2E_KUBECONFIG, E2E_IMAGE } = process.env;

/** What `npm run e2e` was given, else a node of one's own. */
async function findStage(): Promise<Stage> {
  if (E2E_KUBECONFIG === undefined) return findParts({ mayBuild: process.env['CI'] === 'true' });
  const found = await findPrograms(['kubectl', 'helm', 'helm3']);
  if (found.kind === 'missing') return found;
  const image = readImage(E2E_IMAGE ?? '');
  return { kind: 'foreign', kubeconfig: resolve(E2E_KUBECONFIG), image, files: found.files };
}

/** `registry:5000/name:tag`: the last colon counts. */
function readImage(text: string): ProgramImage {
  const at = text.lastIndexOf(':');
  return { repository: text.slice(0, at), tag: text.slice(at + 1) };
}
