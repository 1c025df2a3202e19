import { createHash } from 'node:crypto';

/**
 * The names of everything that belongs to one release, from the `fullname` of its chart. The chart says the same in
 * templates/_helpers.tpl.
 */
export interface ReleaseNames {
  /** Secret with the keys of the CA: only the controller reads it. */
  readonly caSecret: string;
  /** Secret with the serving certificate: webhook pods mount it. */
  readonly servingSecret: string;
  readonly lease: string;
  /** The MutatingWebhookConfiguration, and the ValidatingWebhookConfiguration. */
  readonly webhookConfiguration: string;
  /** The Service by which API servers call the webhook. */
  readonly service: string;
  /** ConfigMap that the chart fills from its values. */
  readonly config: string;
  /** ConfigMap with the credentials that pods would wait for. */
  readonly status: string;
  /** ClusterRole, RoleBindings and default ServiceAccount of a bot. */
  readonly bot: (bot: string) => string;
  /** Deployment and ConfigMap of one shard of a bot. */
  readonly shard: (bot: string, shard: number) => string;
  /** The Service by which the tbot of a shard is asked how it is. */
  readonly diagnostics: (bot: string, shard: number) => string;
}

export function namesOfRelease(fullname: string): ReleaseNames {
  const shard = (bot: string, index: number): string => `${fullname}-bot-${bot}-${index}`;
  return {
    caSecret: `${fullname}-ca`,
    servingSecret: `${fullname}-webhook-tls`,
    lease: `${fullname}-controller`,
    webhookConfiguration: fullname,
    service: `${fullname}-webhook`,
    config: `${fullname}-config`,
    status: `${fullname}-status`,
    bot: (bot) => `${fullname}-bot-${bot}`,
    shard,
    diagnostics: (bot, index) => nameOfService(shard(bot, index)),
  };
}

/** Of a Service, whose name has 63 characters at most. */
function nameOfService(name: string): string {
  if (name.length <= 63) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, 54).replace(/-+$/, '')}-${hash}`;
}

/** The port of tbot's diagnostics, which the chart gives it. */
export const DIAGNOSTICS_PORT = 3001;

/** Where the tbot of a shard is asked how it is. */
export function tbotUrl(service: string, namespace: string): string {
  return `http://${service}.${namespace}.svc:${DIAGNOSTICS_PORT}`;
}

/** The names under which clients find a Service; API servers use the third. */
export function namesOfService(service: string, namespace: string): readonly string[] {
  const inNamespace = `${service}.${namespace}`;
  return [service, inNamespace, `${inNamespace}.svc`, `${inNamespace}.svc.cluster.local`];
}
