import { renderChart } from '../../chart/render.ts';
import type { Cluster } from './cluster.ts';
import { untilWebhooksAreCurrent } from './webhook-marker.ts';

const templates = ['templates/mutating-webhook.yaml', 'templates/validating-webhook.yaml'];
/** The chart wants to know for which host the serving certificate is made. */
const CERTIFICATES = { servingNames: ['127.0.0.1'] };
const kinds = ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'] as const;

export interface WebhookEntries {
  /** Where the webhook listens, such as `https://127.0.0.1:9443`. */
  readonly url: string;
  /** PEM of the authority that signed its serving certificate. */
  readonly caBundle: string;
  /** Further values of the chart. */
  readonly values?: { readonly webhook?: object };
}

/**
 * Puts the chart's own webhook entries into the cluster, gives them the caBundle as the controller does,
 * and returns once the API server acts on them.
 */
export async function installWebhookEntries(cluster: Cluster, entries: WebhookEntries): Promise<void> {
  const { url, caBundle, values = {} } = entries;
  const manifests = await renderChart({
    values: { ...values, webhook: { ...values.webhook, url }, certificates: CERTIFICATES },
    only: templates,
    helm: (args, stdin) => cluster.helm(args, stdin),
  });
  const { code, stderr } = await cluster.kubectl(['apply', '--filename', '-'], manifests);
  if (code !== 0) throw new Error(`kubectl apply of the webhook entries: ${stderr}`);
  await publishCaBundle(cluster, caBundle);
}

/** Gives every entry this caBundle, and returns once the API server acts on it. */
export async function publishCaBundle(cluster: Cluster, caBundle: string): Promise<void> {
  for (const kind of kinds) await patchCaBundle(cluster, kind, caBundle);
  await untilWebhooksAreCurrent(cluster.api);
}

/** Takes the entries away again, and returns once the API server sends nothing more. */
export async function removeWebhookEntries(cluster: Cluster): Promise<void> {
  const selector = '--selector=app.kubernetes.io/part-of=tbot-injector';
  const { code, stderr } = await cluster.kubectl(['delete', kinds.join(','), selector]);
  if (code !== 0) throw new Error(`kubectl delete of the webhook entries: ${stderr}`);
  await untilWebhooksAreCurrent(cluster.api);
}

async function patchCaBundle(cluster: Cluster, kind: string, caBundle: string): Promise<void> {
  const collection = `/apis/admissionregistration.k8s.io/v1/${kind}`;
  const selected = '?labelSelector=app.kubernetes.io/part-of%3Dtbot-injector';
  const { body } = await cluster.api('GET', collection + selected);
  const { items } = body as { items: { metadata: { name: string }; webhooks: { name: string }[] }[] };
  for (const { metadata, webhooks } of items) {
    const patch = webhooks.flatMap(({ name }, index) => [
      // The entry may have moved since it was read: its name is checked in the same breath.
      { op: 'test', path: `/webhooks/${index}/name`, value: name },
      { op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value: btoa(caBundle) },
    ]);
    const path = `${collection}/${metadata.name}`;
    const patched = await cluster.api('PATCH', path, patch, 'application/json-patch+json');
    if (patched.status !== 200) throw new Error(`PATCH ${path}: ${JSON.stringify(patched.body)}`);
  }
}
