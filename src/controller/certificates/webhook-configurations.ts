import { bundlePatch, readEntries, type WebhookEntry } from '../../certificates/ca-bundle.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { KubernetesError } from '../../kubernetes/error.ts';
import { resourceVersionOf } from '../../kubernetes/list.ts';
import type { ReleaseNames } from '../names.ts';

export interface WebhookConfiguration {
  readonly path: string;
  readonly version: string;
  readonly entries: readonly WebhookEntry[];
}

/** The webhook configurations of the release. */
export interface WebhookConfigurations {
  /** Those that there are: a release may come without, or before them. @throws KubernetesError */
  readonly read: () => Promise<readonly WebhookConfiguration[]>;
  /**
   * Writes a bundle (PEM) into every entry that has another; tells how many configurations that were.
   * @throws KubernetesError; `conflict` where another writer came between
   */
  readonly publish: (bundle: string, configurations: readonly WebhookConfiguration[]) => Promise<number>;
}

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';

/** The collections of webhook configurations, and how their objects are called. */
export const WEBHOOK_CONFIGURATIONS = [
  `${ADMISSION}/mutatingwebhookconfigurations`,
  `${ADMISSION}/validatingwebhookconfigurations`,
] as const;

export interface WebhookConfigurationsOptions {
  readonly client: KubernetesClient;
  readonly names: ReleaseNames;
}

export function createWebhookConfigurations({
  client,
  names,
}: WebhookConfigurationsOptions): WebhookConfigurations {
  const readOne = async (collection: string): Promise<readonly WebhookConfiguration[]> => {
    const path = `${collection}/${names.webhookConfiguration}`;
    const answer = await client.getJson(path);
    if (answer.kind === 'not-found') return [];
    return [{ path, version: resourceVersionOf(answer.body) ?? '', entries: readEntries(answer.body) }];
  };
  return {
    read: async () => (await Promise.all(WEBHOOK_CONFIGURATIONS.map(readOne))).flat(),
    publish: async (bundle, configurations) => {
      const written = await Promise.allSettled(
        configurations.map(async ({ path, version, entries }) => {
          const body = bundlePatch(entries, version, bundle);
          if (body === undefined) return 0;
          const answer = await client.patchJson(path, { kind: 'json', body }).catch(toConflict);
          return answer.kind === 'ok' ? 1 : 0;
        }),
      );
      const failed = written.find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      return written.reduce((sum, result) => sum + (result.status === 'fulfilled' ? result.value : 0), 0);
    },
  };
}

/** A `test` that does not hold is answered with 422. */
function toConflict(error: unknown): never {
  if (error instanceof KubernetesError && error.status === 422) {
    throw new KubernetesError('conflict', error.message, { status: error.status, cause: error });
  }
  throw error;
}
