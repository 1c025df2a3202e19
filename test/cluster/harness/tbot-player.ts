import { parse } from 'yaml';
import { connect, type Api } from './api.ts';
import type { Cluster } from './cluster.ts';
import { mintToken } from './service-account.ts';
import { serveDiagnostics, type TbotDiagnostics } from './tbot-diagnostics.ts';

/** tbot's part in a cluster, as Teleport's sources have it: its own account, its calls, its field manager. */
export interface TbotPlayer {
  /** `tbot start`: every destination in turn by a dry run; ends at the first that fails, as tbot does. */
  start(): Promise<TbotStart>;
  /** One round of renewals: GET, then one apply per key; what could not be written, by service. */
  renew(): Promise<ReadonlyMap<string, string>>;
  readonly api: Api;
  /** How its services are, after each round. */
  readonly diagnostics: TbotDiagnostics;
  close(): void;
}

export type TbotStart =
  | { readonly kind: 'up'; readonly services: readonly string[] }
  | { readonly kind: 'ended'; readonly service: string; readonly message: string };

export interface TbotOf {
  readonly namespace: string;
  readonly account: string;
  /** The ConfigMap with tbot.yaml. */
  readonly configMap: string;
}

interface Service {
  readonly name: string;
  readonly destination: { readonly name: string; readonly namespace: string };
}

const KEYS = ['.write-test', 'key', 'key.pub', 'key-cert.pub', 'tlscert', 'identity'];

export async function playTbot(
  cluster: Cluster,
  { namespace, account, configMap }: TbotOf,
): Promise<TbotPlayer> {
  const { api, close } = connect(cluster.url, cluster.ca, {
    token: await mintToken(cluster, { namespace, name: account }),
  });
  const diagnostics = await serveDiagnostics();
  let services: readonly Service[] = [];
  let round = 0;

  const readConfig = async (): Promise<readonly Service[]> => {
    const { body } = await cluster.api('GET', `/api/v1/namespaces/${namespace}/configmaps/${configMap}`);
    const text = (body as { data?: Record<string, string> }).data?.['tbot.yaml'] ?? '';
    return (parse(text) as { services?: Service[] } | null)?.services ?? [];
  };
  /** One key, as tbot's destination writes it. */
  const write = async (
    service: Service,
    key: string,
    value: string,
    dryRun = false,
  ): Promise<string | undefined> => {
    const { name, namespace: consumer } = service.destination;
    const path = `/api/v1/namespaces/${consumer}/secrets/${name}`;
    const found = await api('GET', path);
    if (found.status !== 200) return messageOf(found.body);
    const { metadata } = found.body as { metadata: { resourceVersion: string } };
    const written = await api(
      'PATCH',
      `${path}?fieldManager=tbot${dryRun ? '&dryRun=All' : ''}`,
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name, namespace: consumer, resourceVersion: metadata.resourceVersion },
        type: 'Opaque',
        data: { ...dataOf(found.body), [key]: btoa(value) },
      },
      'application/apply-patch+yaml',
    );
    return written.status === 200 ? undefined : messageOf(written.body);
  };

  return {
    api,
    diagnostics,
    close: () => {
      close();
      diagnostics.close();
    },
    start: async () => {
      services = await readConfig();
      for (const service of services) {
        const fault = await write(service, '.write-test', '', true);
        if (fault !== undefined) return { kind: 'ended', service: service.name, message: fault };
      }
      for (const { name } of services) diagnostics.report(name, 'initializing');
      return { kind: 'up', services: services.map(({ name }) => name) };
    },
    renew: async () => {
      round++;
      const failed = new Map<string, string>();
      for (const service of services) {
        for (const key of KEYS) {
          const fault = await write(service, key, key === '.write-test' ? '' : `${key} ${round}`);
          if (fault === undefined) continue;
          failed.set(service.name, fault);
          break;
        }
        const fault = failed.get(service.name);
        diagnostics.report(service.name, fault === undefined ? 'healthy' : 'unhealthy', fault);
      }
      return failed;
    },
  };
}

/** What tbot has read it writes again: its apply carries every key that there is. */
function dataOf(secret: unknown): Readonly<Record<string, string>> {
  return (secret as { data?: Record<string, string> }).data ?? {};
}

function messageOf(body: unknown): string {
  return (body as { message?: string } | null)?.message ?? JSON.stringify(body);
}
