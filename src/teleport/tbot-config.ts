import { stringify } from 'yaml';
import { NAMESPACE_PLACEHOLDER } from './field-checks.ts';

/** One service of tbot: an output for one namespace. */
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
 * The name of a service in tbot's reports. Neither part can contain a `+`, so names are unique, and none is one of tbot's
 * own.
 */
export function serviceName({ namespace, output }: Pick<TbotService, 'namespace' | 'output'>): string {
  return `${namespace}+${output}`;
}

/**
 * Prints tbot.yaml, version 2. tbot keeps no state, for these join methods authenticate again at each start. Destinations
 * have no labels: the controller owns labels, and tbot owns only the data.
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
        ...(fillPlaceholders(service.fields, service.namespace) as Record<string, unknown>),
        name: serviceName(service),
        destination: {
          type: 'kubernetes_secret',
          name: service.secretName,
          namespace: service.namespace,
        },
      })),
    },
    // One line per value, so that a diff of two versions is readable.
    { lineWidth: 0, aliasDuplicateObjects: false },
  );
}

/** Replaces every placeholder by the namespace, at any depth. */
function fillPlaceholders(value: unknown, namespace: string): unknown {
  if (typeof value === 'string') return value.replaceAll(NAMESPACE_PLACEHOLDER, namespace);
  if (Array.isArray(value)) return value.map((each) => fillPlaceholders(each, namespace));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, fillPlaceholders(each, namespace)]),
  );
}
