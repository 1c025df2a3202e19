import { describe, expect, inject, it } from 'vitest';

import packageJson from '../../package.json' with { type: 'json' };
import { renderChart, renderObjects, type Rendering } from './render.ts';

interface Entry {
  name: string;
  clientConfig: object;
  [field: string]: unknown;
}

interface Configurations {
  MutatingWebhookConfiguration: { webhooks: Entry[] };
  ValidatingWebhookConfiguration: { webhooks: Entry[] };
}

async function entries(
  rendering?: Rendering,
): Promise<{ mutate: Entry | undefined; check: Entry | undefined }> {
  const objects = await renderObjects<Configurations>(rendering);
  return {
    mutate: objects.MutatingWebhookConfiguration?.webhooks[0],
    check: objects.ValidatingWebhookConfiguration?.webhooks[0],
  };
}

const selected = {
  matchLabels: { 'tbot-injector.io/injection': 'enabled' },
  matchExpressions: [
    { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system', 'tbot-system'] },
  ],
};

describe.skipIf(inject('programs').kind === 'missing')('the webhook entries of the chart', () => {
  it('send nothing but created pods to be mutated', async () => {
    const { mutate } = await entries();
    expect(mutate).toMatchObject({
      name: 'mutate.tbot-injector.io',
      rules: [
        {
          apiGroups: [''],
          apiVersions: ['v1'],
          resources: ['pods'],
          operations: ['CREATE'],
          scope: 'Namespaced',
        },
      ],
      namespaceSelector: selected,
    });
  });

  it('refuse a pod that would start without its identity, soon', async () => {
    const { mutate } = await entries();
    expect(mutate).toMatchObject({
      failurePolicy: 'Fail',
      timeoutSeconds: 5,
      reinvocationPolicy: 'IfNeeded',
    });
  });

  it('let the platform engineer choose otherwise', async () => {
    const webhook = { mutate: { failurePolicy: 'Ignore', timeoutSeconds: 3 } };
    const { mutate } = await entries({ values: { webhook } });
    expect(mutate).toMatchObject({ failurePolicy: 'Ignore', timeoutSeconds: 3 });
  });

  it('never stop a workload that is only checked', async () => {
    const { check } = await entries();
    expect(check).toMatchObject({
      name: 'check.tbot-injector.io',
      failurePolicy: 'Ignore',
      timeoutSeconds: 2,
      sideEffects: 'None',
      namespaceSelector: selected,
    });
  });

  it('leave the checking out on request', async () => {
    const { mutate, check } = await entries({ values: { webhook: { check: { enabled: false } } } });
    expect(mutate).toBeDefined();
    expect(check).toBeUndefined();
  });

  it("reach the chart's own Service", async () => {
    const { mutate, check } = await entries();
    const service = { name: 'tbot-injector-webhook', namespace: 'tbot-system', port: 443 };
    expect(mutate?.clientConfig).toEqual({ service: { ...service, path: '/mutate' } });
    expect(check?.clientConfig).toEqual({ service: { ...service, path: '/check' } });
  });

  it.each(['https://127.0.0.1:9443', 'https://127.0.0.1:9443/'])('reach %s instead', async (url) => {
    const { mutate, check } = await entries({
      values: { webhook: { url }, certificates: { servingNames: ['127.0.0.1'] } },
    });
    expect(mutate?.clientConfig).toEqual({ url: 'https://127.0.0.1:9443/mutate' });
    expect(check?.clientConfig).toEqual({ url: 'https://127.0.0.1:9443/check' });
  });

  it("hold no caBundle, which is the controller's", async () => {
    expect(await renderChart()).not.toContain('caBundle:');
  });

  it('are named after the release', async () => {
    expect(await renderChart({ release: 'edge' })).toContain('name: edge-tbot-injector-webhook\n');
  });

  it('leave out the namespace of the release, kube-system included once', async () => {
    const { mutate } = await entries({ namespace: 'kube-system' });
    expect(mutate).toMatchObject({ namespaceSelector: { matchExpressions: [{ values: ['kube-system'] }] } });
  });

  it('carry the version of the program', async () => {
    expect(await renderChart()).toContain(`app.kubernetes.io/version: "${packageJson.version}"`);
  });
});
