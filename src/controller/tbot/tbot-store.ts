import { CONFIG_HASH, MANAGED_BY, MANAGER, BOT_LABEL, TBOT_RESTARTED_AT } from '../../credentials/labels.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { KubernetesError } from '../../kubernetes/error.ts';

/** One tbot as it is: its ConfigMap, and what its Deployment says of the last restart. */
export interface StoredTbot {
  /** tbot.yaml; undefined: there is no ConfigMap, and tbot waits for one. */
  readonly config: string | undefined;
  readonly hash: string | undefined;
  /** Milliseconds since the epoch. */
  readonly restartedAt: number | undefined;
  /** Makes the ConfigMap go with its Deployment. */
  readonly owner: object;
}

/** ConfigMap and Deployment of one shard. */
export interface TbotStore {
  /** undefined: the chart has no such Deployment (yet). @throws KubernetesError */
  read(): Promise<StoredTbot | undefined>;
  /** @throws KubernetesError */
  writeConfig(text: string, owner: object): Promise<void>;
  /** Starts a new pod, which reads the configuration of this hash. @throws KubernetesError */
  restart(hash: string, now: Date): Promise<void>;
}

export interface TbotStoreOptions {
  readonly client: KubernetesClient;
  readonly namespace: string;
  /** Of both objects. */
  readonly name: string;
  readonly bot: string;
}

const CONFIG_KEY = 'tbot.yaml';

export function createTbotStore({ client, namespace, name, bot }: TbotStoreOptions): TbotStore {
  const configPath = `/api/v1/namespaces/${namespace}/configmaps/${name}`;
  const deploymentPath = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
  const gone = (path: string): KubernetesError =>
    new KubernetesError('conflict', `PATCH ${path}: 404, it is gone`, { status: 404 });
  return {
    read: async () => {
      const [deployment, configMap] = await Promise.all([
        client.getJson(deploymentPath),
        client.getJson(configPath),
      ]);
      if (deployment.kind === 'not-found') return undefined;
      const { metadata, spec } = deployment.body as RawDeployment;
      const annotations = spec.template.metadata?.annotations ?? {};
      const restartedAt = Date.parse(annotations[TBOT_RESTARTED_AT] ?? '');
      return {
        config:
          configMap.kind === 'ok' ? ((configMap.body as RawConfigMap).data?.[CONFIG_KEY] ?? '') : undefined,
        hash: annotations[CONFIG_HASH],
        restartedAt: Number.isNaN(restartedAt) ? undefined : restartedAt,
        owner: { apiVersion: 'apps/v1', kind: 'Deployment', name, uid: metadata.uid },
      };
    },
    writeConfig: async (text, owner) => {
      const labels = { [MANAGED_BY]: MANAGER, [BOT_LABEL]: bot };
      const metadata = { name, namespace, labels, ownerReferences: [owner] };
      const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { [CONFIG_KEY]: text } };
      const answer = await client.patchJson(configPath, { kind: 'apply', body });
      if (answer.kind === 'not-found') throw gone(configPath);
    },
    restart: async (hash, now) => {
      const annotations = { [CONFIG_HASH]: hash, [TBOT_RESTARTED_AT]: now.toISOString() };
      const body = { spec: { template: { metadata: { annotations } } } };
      const answer = await client.patchJson(deploymentPath, { kind: 'merge', body });
      if (answer.kind === 'not-found') throw gone(deploymentPath);
    },
  };
}

interface RawDeployment {
  readonly metadata: { readonly uid: string };
  readonly spec: {
    readonly template: { readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> } };
  };
}

interface RawConfigMap {
  readonly data?: Readonly<Record<string, string>> | null;
}
