import { stringify } from 'yaml';
import { NAMESPACE_PLACEHOLDER } from './placeholder.ts';

/** One credential that tbot keeps: an output, for one namespace. */
export interface TbotService {
  readonly namespace: string;
  readonly output: string;
  readonly secretName: string;
  /** tbot's own fields of the output, `type` among them. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface TbotSettings {
  readonly proxyServer: string;
  readonly join: { readonly method: string; readonly token: string };
  /** tbot's own top-level fields of the bot. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * The name by which tbot reports a service. Neither part can hold a `+`, so no two services share one, and none has a
 * name that tbot keeps for itself.
 */
export function serviceName({ namespace, output }: Pick<TbotService, 'namespace' | 'output'>): string {
  return `${namespace}+${output}`;
}

/**
 * tbot.yaml, version 2. It keeps no state: these join methods prove themselves anew each time. Destinations carry no
 * labels, which are the controller's: tbot owns the data and nothing else.
 */
export function printTbotConfig(settings: TbotSettings, services: readonly TbotService[]): string {
  const { proxyServer, join, fields } = settings;
  return stringify(
    {
      version: 'v2',
      ...fields,
      proxy_server: proxyServer,
      onboarding: { join_method: join.method, token: join.token },
      storage: { type: 'memory' },
      services: services.map((service) => ({
        ...(fill(service.fields, service.namespace) as Record<string, unknown>),
        name: serviceName(service),
        destination: {
          type: 'kubernetes_secret',
          name: service.secretName,
          namespace: service.namespace,
        },
      })),
    },
    // One line each: a diff of two versions shows what changed.
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
}

/** Puts the namespace in place of every placeholder, at any depth. */
function fill(value: unknown, namespace: string): unknown {
  if (typeof value === 'string') return value.replaceAll(NAMESPACE_PLACEHOLDER, namespace);
  if (Array.isArray(value)) return value.map((each) => fill(each, namespace));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fill(each, namespace)]));
}
