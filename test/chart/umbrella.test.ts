import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { CHART } from '../cluster/harness/installation.ts';
import { ask, HELMS, refusedByChecks, refusedBySchema } from './both-helms.ts';

const DEPENDENCIES = [{ name: 'tbot-injector', version: '0.1.0', condition: 'tbot-injector.enabled' }];

describe.skipIf(inject('programs').kind === 'missing').for(HELMS)('in an umbrella chart, %s', (helm) => {
  let chart: string;

  beforeAll(async () => {
    chart = await mkdtemp(join(tmpdir(), 'tbot-injector-umbrella-'));
    await mkdir(join(chart, 'charts'));
    await cp(CHART, join(chart, 'charts/tbot-injector'), { recursive: true });
    const about = { apiVersion: 'v2', name: 'umbrella', version: '1.0.0', dependencies: DEPENDENCIES };
    await writeFile(join(chart, 'Chart.yaml'), JSON.stringify(about));
    const values = { global: { imageRegistry: 'registry.example.com' }, 'tbot-injector': { enabled: false } };
    await writeFile(join(chart, 'values.yaml'), JSON.stringify(values));
  });

  afterAll(async () => {
    await rm(chart, { recursive: true, force: true });
  });

  const valid = {
    enabled: true,
    teleport: { clusterName: 'example.teleport.sh', proxyServer: 'example.teleport.sh:443' },
    tbot: { version: '18.8.1' },
  };

  it('installs nothing and asks for nothing where it is off', async () => {
    const { code, stdout } = await ask(helm, { chart, files: [] });
    expect(code).toBe(0);
    expect(stdout).not.toContain('kind:');
  });

  it('installs where it is on, whatever is global', async () => {
    const { code, stdout } = await ask(helm, { chart, files: [], values: { 'tbot-injector': valid } });
    expect(code).toBe(0);
    expect(stdout).toContain('kind: MutatingWebhookConfiguration');
  });

  it('refuses by the schema', async () => {
    const values = { 'tbot-injector': { ...valid, replicas: 3, webhook: { replicas: null } } };
    expect(await refusedBySchema(helm, { chart, files: [], values })).toEqual(
      expect.arrayContaining([
        "at '': additional properties 'replicas' not allowed",
        "at '/webhook': missing property 'replicas'",
      ]),
    );
  });

  it('refuses by the checks', async () => {
    const webhook = { healthPort: 8443, autoscaling: { enabled: true, minReplicas: 9 } };
    const values = { 'tbot-injector': { ...valid, webhook } };
    expect(await refusedByChecks(helm, { chart, files: [], values })).toHaveLength(2);
  });
});
