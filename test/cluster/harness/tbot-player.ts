import { readConfig, type BotConfig } from '../../tbot/config/config.ts';
import { Fault, messageOf } from '../../tbot/fault.ts';
import { serveDiagnostics } from '../../tbot/run/diagnostics.ts';
import { Readiness } from '../../tbot/run/readiness.ts';
import { initDestinations, outputsOf, reasonOf, writeCredential, type Output } from '../../tbot/run/renew.ts';
import { connect, type Api } from './api.ts';
import type { Cluster } from './cluster.ts';
import { mintToken } from './service-account.ts';

/**
 * The player of tbot inside of a test, which says when it starts and when it renews: the same checks and the same calls
 * as of the program in test/tbot, with tbot's own account.
 */
export interface TbotPlayer {
  /** `tbot start` up to the join: reads tbot.yaml, then proves one destination after the other. */
  start(): Promise<TbotStart>;
  /** One round of renewals, a service after the other; what could not be written, by service. */
  renew(): Promise<ReadonlyMap<string, string>>;
  readonly api: Api;
  readonly diagnostics: TbotDiagnostics;
  close(): void;
}

/** How its services are, after each round. */
export interface TbotDiagnostics {
  readonly url: string;
  /** What it says of a service until the next round. */
  report(service: string, status: 'healthy' | 'unhealthy', reason?: string): void;
  close(): void;
}

export type TbotStart =
  | { readonly kind: 'up'; readonly services: readonly string[] }
  /** With the service whose destination failed, or `tbot.yaml`. */
  | { readonly kind: 'ended'; readonly service: string; readonly message: string };

export interface TbotOf {
  readonly namespace: string;
  readonly account: string;
  /** The ConfigMap with tbot.yaml. */
  readonly configMap: string;
}

const INTERNAL = ['identity', 'heartbeat', 'ca-rotation'];

export async function playTbot(
  cluster: Cluster,
  { namespace, account, configMap }: TbotOf,
): Promise<TbotPlayer> {
  const token = await mintToken(cluster, { namespace, name: account });
  const { api, close } = connect(cluster.url, cluster.ca, { token });
  const readiness = new Readiness();
  const diagnostics = await serveDiagnostics({ host: '127.0.0.1', port: 0, readiness });
  let outputs: readonly Output[] = [];
  let round = 0;

  const readText = async (): Promise<string> => {
    const { body } = await cluster.api('GET', `/api/v1/namespaces/${namespace}/configmaps/${configMap}`);
    return (body as { data?: Record<string, string> }).data?.['tbot.yaml'] ?? '';
  };

  return {
    api,
    diagnostics: {
      ...diagnostics,
      report: (service, status, reason) => {
        readiness.report(service, status, reason);
      },
    },
    close: () => {
      close();
      diagnostics.close();
    },
    start: async () => {
      outputs = [];
      const text = await readText();
      const config = attempt(() => readConfig(text));
      if (config instanceof Fault) return { kind: 'ended', service: 'tbot.yaml', message: config.message };
      outputs = outputsOf(config.services, { api: () => api, namespace });
      const failed = await initDestinations(outputs);
      if (failed !== undefined)
        return { kind: 'ended', service: failed.service, message: messageOf(failed.error) };
      const services = config.services.map(({ name }) => name);
      readiness.restart(...services, ...INTERNAL);
      for (const name of INTERNAL) readiness.report(name, 'healthy');
      return { kind: 'up', services };
    },
    renew: async () => {
      round++;
      const failed = new Map<string, string>();
      for (const output of outputs) {
        const { name } = output.service;
        const fault = await writeCredential(output, round).then(
          () => undefined,
          (error: unknown) => {
            if (error instanceof Fault) return error.message;
            throw error;
          },
        );
        if (fault === undefined) readiness.report(name, 'healthy');
        else readiness.report(name, 'unhealthy', reasonOf(output.service, fault));
        if (fault !== undefined) failed.set(name, fault);
      }
      return failed;
    },
  };
}

function attempt(read: () => BotConfig): BotConfig | Fault {
  try {
    return read();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}
