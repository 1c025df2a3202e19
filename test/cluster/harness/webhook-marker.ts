import { randomUUID } from 'node:crypto';

import type { Api } from './api.ts';
import { eventually } from './eventually.ts';

const COLLECTION = '/apis/admissionregistration.k8s.io/v1';
const kinds = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'] as const;

/**
 * Waits until the API server acts on every webhook configuration written so far.
 * It learns of them by watch, in order; so when a marker written last is in force, everything before it is.
 */
export async function untilWebhooksAreCurrent(api: Api): Promise<void> {
  for (const kind of kinds) {
    const name = `marker-${randomUUID()}.example.test`;
    const path = `${COLLECTION}/${kind.toLowerCase()}s`;
    const created = await api('POST', path, marker(kind, name));
    if (created.status !== 201) throw new Error(`POST ${path}: ${JSON.stringify(created.body)}`);
    try {
      await eventually(`${kind} ${name} is in force`, () => isCurrent(api, name));
    } finally {
      await api('DELETE', `${path}/${name}`);
    }
  }
}

/** A webhook that cannot be reached, for one ConfigMap that only this file creates. */
function marker(kind: string, name: string): object {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name },
    webhooks: [
      {
        name,
        clientConfig: { url: 'https://127.0.0.1:1/' },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] }],
        matchConditions: [{ name: 'is-the-probe', expression: `object.metadata.name == '${name}'` }],
        failurePolicy: 'Fail',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  };
}

async function isCurrent(api: Api, name: string): Promise<true | undefined> {
  const { status, body } = await api('POST', '/api/v1/namespaces/default/configmaps?dryRun=All', {
    metadata: { name },
  });
  return status >= 500 && JSON.stringify(body).includes(name) ? true : undefined;
}
