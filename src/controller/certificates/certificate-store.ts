import {
  CA_SECRET_KEYS,
  SERVING_SECRET_KEYS,
  type Contents,
  type ContentsChange,
} from '../../certificates/secret-contents.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { KubernetesError } from '../../kubernetes/error.ts';
import { resourceVersionOf } from '../../kubernetes/list.ts';
import type { ReleaseNames } from '../names.ts';
import { createWebhookConfigurations, type WebhookConfiguration } from './webhook-configurations.ts';

/** Contents as they were read, and of which version; without one there is no such Secret. */
export interface StoredContents {
  readonly contents: Contents;
  readonly version: string | undefined;
}

export interface StoredCertificates {
  readonly authority: StoredContents;
  readonly serving: StoredContents;
  /** Those that there are: a release may come without, or before them. */
  readonly configurations: readonly WebhookConfiguration[];
}

/**
 * Where certificates are kept. Each write holds for the version that was read only.
 * @throws KubernetesError; `conflict` where another writer came between
 */
export interface CertificateStore {
  read(): Promise<StoredCertificates>;
  writeAuthority(change: ContentsChange, version: string | undefined): Promise<void>;
  writeServing(change: ContentsChange, version: string | undefined): Promise<void>;
  /** Writes a bundle (PEM) into every entry that has another; tells how many configurations that were. */
  publish(bundle: string, configurations: readonly WebhookConfiguration[]): Promise<number>;
}

export interface CertificateStoreOptions {
  readonly client: KubernetesClient;
  readonly namespace: string;
  readonly names: ReleaseNames;
}

/** Everything in one cluster, in its objects' own form. */
export function createCertificateStore(options: CertificateStoreOptions): CertificateStore {
  const { client, namespace, names } = options;
  const configurations = createWebhookConfigurations({ client, names });
  const secretPath = (name: string): string => `/api/v1/namespaces/${namespace}/secrets/${name}`;

  const readSecret = async (name: string, keys: readonly string[]): Promise<StoredContents> => {
    const answer = await client.getJson(secretPath(name));
    return answer.kind === 'ok' ? contentsOf(answer.body, keys) : { contents: {}, version: undefined };
  };

  /** By apply and not by POST: an account can be given this right for one name only. */
  const createSecret = async (name: string, keys: readonly string[]): Promise<string | undefined> => {
    const metadata = { name, namespace, labels: LABELS };
    const body = { apiVersion: 'v1', kind: 'Secret', metadata };
    const answer = await client.patchJson(secretPath(name), { kind: 'apply', body });
    if (answer.kind === 'not-found') {
      throw new KubernetesError(
        'rejected',
        `PATCH ${secretPath(name)}: 404, there is no namespace ${namespace}`,
      );
    }
    const { contents, version } = contentsOf(answer.body, keys);
    if (Object.keys(contents).length === 0) return version;
    throw new KubernetesError('conflict', `PATCH ${secretPath(name)}: another writer has created it`);
  };

  const writeSecret = async (
    name: string,
    keys: readonly string[],
    change: ContentsChange,
    version: string | undefined,
  ): Promise<void> => {
    const resourceVersion = version ?? (await createSecret(name, keys));
    const body = { metadata: { resourceVersion }, data: encode(change) };
    const answer = await client.patchJson(secretPath(name), { kind: 'merge', body });
    if (answer.kind === 'ok') return;
    throw new KubernetesError('conflict', `PATCH ${secretPath(name)}: 404, it is gone`, { status: 404 });
  };

  return {
    read: async () => {
      const [authority, serving, published] = await Promise.all([
        readSecret(names.caSecret, authorityKeys),
        readSecret(names.servingSecret, servingKeys),
        configurations.read(),
      ]);
      return { authority, serving, configurations: published };
    },
    writeAuthority: (change, version) => writeSecret(names.caSecret, authorityKeys, change, version),
    writeServing: (change, version) => writeSecret(names.servingSecret, servingKeys, change, version),
    publish: configurations.publish,
  };
}

const authorityKeys = Object.values(CA_SECRET_KEYS);
const servingKeys = Object.values(SERVING_SECRET_KEYS);

const LABELS = {
  'app.kubernetes.io/part-of': 'tbot-injector',
  'app.kubernetes.io/component': 'controller',
  'app.kubernetes.io/managed-by': 'tbot-injector',
};

function contentsOf(secret: unknown, keys: readonly string[]): StoredContents {
  const data = (secret as { data?: Readonly<Record<string, unknown>> | null } | null)?.data ?? {};
  const contents = keys.flatMap((key) => {
    const value = data[key];
    return typeof value === 'string' ? [[key, Buffer.from(value, 'base64').toString()] as const] : [];
  });
  return { contents: Object.fromEntries(contents), version: resourceVersionOf(secret) };
}

function encode(change: ContentsChange): Readonly<Record<string, string | null>> {
  return Object.fromEntries(
    Object.entries(change).map(([key, value]) => [
      key,
      value === null ? null : Buffer.from(value).toString('base64'),
    ]),
  );
}
