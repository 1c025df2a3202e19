import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { Leadership } from '../../kubernetes/elector.ts';
import type { Duty, DutyObserver } from '../runtime/duty.ts';
import { keepDoing, pause } from '../runtime/keep-doing.ts';
import type { ReleaseNames } from '../names.ts';
import { createWebhookConfigurations } from './webhook-configurations.ts';

export interface BundleDutyOptions {
  readonly client: KubernetesClient;
  readonly names: ReleaseNames;
  /** The CA of the given serving certificate, PEM: asked each time, for the file may be exchanged. */
  readonly readBundle: () => Promise<string>;
  readonly observer: DutyObserver;
}

/** A drift is mended within this time; API servers believe the old CA until then, as they would after any edit. */
const LOOK_EVERY_MS = 15_000;

const NAME = 'given-bundle';

/**
 * Publishes the CA of a certificate that somebody else brought. The chart could hold it, but then Helm and whoever wrote
 * the field before would both own it, and an upgrade from certificates of our own would fail.
 */
export function createBundleDuty(options: BundleDutyOptions): Duty {
  return { name: NAME, run: (leadership) => keepBundle(options, leadership) };
}

async function keepBundle(options: BundleDutyOptions, leadership: Leadership): Promise<void> {
  const { client, readBundle, observer } = options;
  const { signal } = leadership;
  const configurations = createWebhookConfigurations({ ...options, signal });
  const step = async (): Promise<void> => {
    const [published, bundle] = await Promise.all([configurations.read(), readBundle()]);
    if (leadership.holds()) await configurations.publish(bundle, published);
    await pause(LOOK_EVERY_MS, signal);
  };
  await keepDoing(step, { duty: NAME, client, observer, signal });
}
