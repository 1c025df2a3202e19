import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { ReleaseNames } from '../names.ts';
import { periodic, type Reconciler } from '../runtime/reconciler.ts';
import { createWebhookConfigurations } from './webhook-configurations.ts';

export interface GivenBundleOptions {
  readonly client: KubernetesClient;
  readonly names: ReleaseNames;
  /** The CA of the given serving certificate, PEM: read each time, for the file may be exchanged. */
  readonly readBundle: () => Promise<string>;
}

/** A drift is mended within this time; API servers believe the old CA until then, as they would after any edit. */
const CHECK_EVERY_MS = 15_000;

/**
 * Publishes the CA of a certificate that the platform brought. The chart could hold it, but then Helm and the writer
 * before would both own the field, and an upgrade from certificates of our own would fail.
 */
export function createGivenBundleReconciler(options: GivenBundleOptions): Reconciler {
  const configurations = createWebhookConfigurations(options);
  return periodic({
    name: 'given-bundle',
    everyMs: () => CHECK_EVERY_MS,
    check: async () => {
      const [published, bundle] = await Promise.all([configurations.read(), options.readBundle()]);
      await configurations.publish(bundle, published);
    },
  });
}
