import { beforeAll, describe, inject } from 'vitest';

import { Installation } from '../cluster/harness/installation.ts';
import { openSite, type Site } from './harness/site.ts';
import { credentials, credentialValues } from './scenes/credentials.ts';
import { installation, SYSTEM } from './scenes/installation.ts';
import { restarts } from './scenes/restarts.ts';

const stage = inject('stage');
/** A real Teleport has bots of its own: there only what needs none is played. */
const hasTbot = stage.kind === 'node' && stage.hasTbot;

// One node and one installation for all scenes, since both take long; each scene has namespaces of its own.
describe.skipIf(stage.kind === 'missing')('on a node, with the chart', { timeout: 150_000 }, () => {
  let site: Site;
  const here = (): Site => site;

  beforeAll(async () => {
    site = await openSite();
    const values = { image: site.image, ...(hasTbot && (await credentialValues(site))) };
    const release = new Installation(site, SYSTEM, { values });
    await release.install();
    return async () => {
      await release.uninstall();
      await site.stop();
    };
  }, 300_000);

  describe('an installation', () => {
    installation(here);
  });
  describe.skipIf(!hasTbot)('a credential', () => {
    credentials(here);
  });
  describe.skipIf(stage.kind !== 'node')('a pod', () => {
    restarts(here);
  });
});
