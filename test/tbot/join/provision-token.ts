import { Fault } from '../fault.ts';

/** A join token, checked as `tctl create` checks it. */
export interface ProvisionToken {
  readonly name: string;
  /** Milliseconds since the epoch; undefined: never. */
  readonly expires: number | undefined;
  readonly roles: readonly string[];
  readonly joinMethod: string;
  /** Absent for other methods. */
  readonly kubernetes:
    | { readonly type: 'oidc'; readonly issuer: string }
    | { readonly type: 'static_jwks'; readonly jwks: string }
    | { readonly type: 'in_cluster' }
    | undefined;
  /** Whether one of its rules is for this account, `system:serviceaccount:NAMESPACE:NAME`. */
  allows(subject: string): boolean;
}

interface Rule {
  readonly service_account?: string;
  readonly service_account_namespace?: string;
  readonly service_account_name?: string;
}

interface RawToken {
  readonly metadata?: { readonly name?: string; readonly expires?: string };
  readonly spec?: {
    readonly roles?: readonly string[];
    readonly join_method?: string;
    readonly kubernetes?: {
      readonly type?: string;
      readonly oidc?: { readonly issuer?: string; readonly insecure_allow_http_issuer?: boolean };
      readonly static_jwks?: { readonly jwks?: string };
      readonly allow?: readonly Rule[];
    };
  };
}

/** @throws {Fault} in the words of Teleport */
export function readProvisionToken(resource: unknown): ProvisionToken {
  const { metadata = {}, spec = {} } = resource as RawToken;
  const { roles = [], join_method: joinMethod = 'token', kubernetes: own } = spec;
  const rules = own?.allow ?? [];
  if (joinMethod === 'kubernetes') checkRules(rules);
  return {
    name: metadata.name ?? '',
    expires: metadata.expires === undefined ? undefined : Date.parse(metadata.expires),
    roles,
    joinMethod,
    kubernetes: joinMethod === 'kubernetes' ? readKind(own ?? {}) : undefined,
    allows: (subject) => rules.some((rule) => matches(rule, subject)),
  };
}

type RawKubernetes = NonNullable<NonNullable<RawToken['spec']>['kubernetes']>;

function readKind({ type = 'in_cluster', oidc, static_jwks }: RawKubernetes): ProvisionToken['kubernetes'] {
  switch (type) {
    case 'in_cluster':
      return { type };
    case 'static_jwks':
      if (!static_jwks?.jwks) throw new Fault('static_jwks: must be set when type is static_jwks');
      return { type, jwks: static_jwks.jwks };
    case 'oidc': {
      const { issuer = '', insecure_allow_http_issuer: isHttpAllowed = false } = oidc ?? {};
      if (!issuer.startsWith('https://') && !(isHttpAllowed && issuer.startsWith('http://')))
        throw new Fault('oidc.issuer must be https:// unless insecure_allow_http_issuer is set');
      return { type, issuer };
    }
    default:
      throw new Fault(`unsupported kubernetes join method type (${type})`);
  }
}

function checkRules(rules: readonly Rule[]): void {
  if (rules.length === 0) throw new Fault('allow: at least one rule must be set');
  for (const [index, rule] of rules.entries()) {
    const { service_account: exact, service_account_namespace, service_account_name } = rule;
    const format = 'name of service account should be in format "namespace:service_account"';
    if (exact !== undefined && exact.split(':').length !== 2)
      throw new Fault(`allow[${index}].service_account: ${format}, got "${exact}"`);
    if (exact === undefined && (!service_account_namespace || !service_account_name))
      throw new Fault(`allow[${index}]: service_account_namespace and service_account_name must both be set`);
  }
}

function matches(rule: Rule, subject: string): boolean {
  const { service_account: exact, service_account_namespace = '', service_account_name = '' } = rule;
  if (exact !== undefined) return subject === `system:serviceaccount:${exact}`;
  const [, namespace = '', name = ''] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(subject) ?? [];
  return glob(service_account_namespace).test(namespace) && glob(service_account_name).test(name);
}

/** `*` and `?` stand for others, and nothing else does. */
function glob(pattern: string): RegExp {
  const parts = pattern.replaceAll(/[^*?]+/g, (text) => RegExp.escape(text));
  return new RegExp(`^${parts.replaceAll(/(?<!\\)\*/g, '.*').replaceAll(/(?<!\\)\?/g, '.')}$`);
}
