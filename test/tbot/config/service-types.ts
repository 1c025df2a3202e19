/** What tbot 19 takes as a service, read from Teleport's sources and apart from the product's own table. */
import {
  arn,
  awsRegion,
  awsSession,
  clusterSelectors,
  contextNameTemplate,
  filled,
  noRoles,
  oneOf,
  trustDomains,
  workloadIdentitySelector,
  type Check,
  type Fields,
} from './checks.ts';
import { goBool, goDuration, goList, goMap, goString, goStruct, type Decode } from './go-types.ts';

export interface ServiceType {
  readonly fields: Readonly<Record<string, Decode<unknown>>>;
  /** In tbot's order; the first that refuses ends the start. */
  readonly checks: readonly Check[];
  /** Listeners write nothing; sockets want a directory. */
  readonly destination: 'any' | 'directory' | 'none';
  /** Whether credential_ttl counts, and whether it is bounded to a day. */
  readonly lifetime: 'up to a day' | 'unbounded' | 'none';
  /** In the order in which they are written. */
  readonly keys: (fields: Fields) => readonly string[];
}

const strings = goList('string', goString);
const TEXTS = goMap('string', goString);
const clusters = goList(
  '*k8s.KubernetesSelector',
  goStruct('k8s.KubernetesSelector', { name: goString, labels: TEXTS, default_namespace: goString }),
);
const workload = goStruct('bot.WorkloadIdentitySelector', {
  name: goString,
  labels: goMap('[]string', strings),
});

const BASE = ['.write-test', 'key', 'key.pub', 'key-cert.pub', 'tlscert'];
const AUTHORITIES = ['teleport-host-ca.crt', 'teleport-user-ca.crt', 'teleport-database-ca.crt'];
const IDENTITY = [...BASE, 'identity', ...AUTHORITIES];
const TLS = ['tls.crt', 'tls.key', 'tls.cas'];
const DATABASE_KEYS: Readonly<Record<string, readonly string[]>> = {
  tls: TLS,
  mongo: ['mongo.crt', 'mongo.cas'],
};

const output = (
  fields: ServiceType['fields'],
  checks: ServiceType['checks'],
  keys: readonly string[] | ServiceType['keys'],
): ServiceType => ({
  fields,
  checks: [noRoles, ...checks],
  destination: 'any',
  lifetime: 'up to a day',
  keys: typeof keys === 'function' ? keys : () => keys,
});

const listener = (fields: ServiceType['fields'], ...checks: ServiceType['checks']): ServiceType => ({
  ...output(
    { listen: goString, ...fields },
    [filled('listen', 'listen: should not be empty'), ...checks],
    [],
  ),
  destination: 'none',
});

const socket = (fields: ServiceType['fields']): ServiceType => ({
  ...output(fields, [], []),
  destination: 'directory',
});

const SERVICE_TYPES: Readonly<Record<string, ServiceType>> = {
  identity: output(
    { cluster: goString, ssh_config: goString, allow_reissue: goBool, delegation_session_id: goString },
    [oneOf('ssh_config', ['on', 'off'], (found) => `ssh_config: unrecognized value "${found}"`)],
    ({ ssh_config }) => [...IDENTITY, ...(ssh_config === 'off' ? [] : ['known_hosts'])],
  ),
  application: output(
    { app_name: goString, specific_tls_naming: goBool, delegation_session_id: goString },
    [filled('app_name', 'app_name must not be empty')],
    ({ specific_tls_naming }) => [...IDENTITY, ...(specific_tls_naming === true ? TLS : [])],
  ),
  database: output(
    { service: goString, database: goString, username: goString, format: goString },
    [
      filled('service', 'service must not be empty'),
      oneOf('format', ['tls', 'mongo', 'cockroach'], (found) => `unrecognized format (${found})`),
    ],
    ({ format }) => [...IDENTITY, ...(DATABASE_KEYS[format as string] ?? [])],
  ),
  kubernetes: output(
    { kubernetes_cluster: goString, disable_exec_plugin: goBool, delegation_session_id: goString },
    [filled('kubernetes_cluster', 'kubernetes_cluster must not be empty')],
    [...BASE, 'identity', 'kubeconfig.yaml', ...AUTHORITIES],
  ),
  'kubernetes/v2': output(
    {
      selectors: clusters,
      disable_exec_plugin: goBool,
      context_name_template: goString,
      relay_server: goString,
    },
    [filled('selectors', 'at least one selector must be provided'), clusterSelectors, contextNameTemplate],
    [...BASE, 'identity', 'kubeconfig.yaml', 'teleport-host-ca.crt'],
  ),
  'kubernetes/argo-cd': {
    ...output(
      { selectors: clusters, secret_namespace: goString, secret_labels: TEXTS, namespaces: strings },
      [filled('selectors', 'at least one selector is required'), clusterSelectors],
      [],
    ),
    destination: 'none',
  },
  ssh_host: output(
    { principals: strings, ca_type: goString },
    [
      filled('principals', 'at least one principal must be specified'),
      oneOf('ca_type', ['user', 'openssh'], (found) => `ca_type ("${found}") is unsupported`),
    ],
    ['ssh_host', 'ssh_host-cert.pub', 'ssh_host-user-ca.pub'],
  ),
  'workload-identity-x509': {
    ...output(
      { selector: workload, include_federated_trust_bundles: goBool, trust_domains: strings },
      [workloadIdentitySelector, trustDomains],
      ['.write-test', 'svid.pem', 'svid_key.pem', 'svid_bundle.pem'],
    ),
    lifetime: 'unbounded',
  },
  'workload-identity-jwt': {
    ...output(
      { selector: workload, audiences: strings },
      [workloadIdentitySelector, filled('audiences', 'audiences: must have at least one value')],
      ['jwt_svid'],
    ),
    lifetime: 'unbounded',
  },
  'workload-identity-aws-roles-anywhere': {
    ...output(
      {
        selector: workload,
        role_arn: goString,
        profile_arn: goString,
        trust_anchor_arn: goString,
        region: goString,
        session_duration: goDuration,
        session_renewal_interval: goDuration,
        credential_profile_name: goString,
        artifact_name: goString,
        overwrite_credential_file: goBool,
      },
      [
        workloadIdentitySelector,
        ...['role_arn', 'profile_arn', 'trust_anchor_arn'].map((name) =>
          filled(name, `${name}: must be set`),
        ),
        ...['role_arn', 'profile_arn', 'trust_anchor_arn'].map(arn),
        awsRegion,
        awsSession,
      ],
      ({ artifact_name }) => [(artifact_name as string | undefined) || 'aws_credentials'],
    ),
    lifetime: 'none',
  },
  'workload-identity-api': {
    ...listener({ selector: workload, trust_domains: strings }, workloadIdentitySelector, trustDomains),
    lifetime: 'unbounded',
  },
  'application-tunnel': listener({ app_name: goString }, filled('app_name', 'app_name: should not be empty')),
  'application-proxy': listener({}),
  'database-tunnel': listener(
    { service: goString, database: goString, username: goString },
    ...['service', 'database', 'username'].map((name) => filled(name, `${name}: should not be empty`)),
  ),
  'ssh-multiplexer': socket({ enable_resumption: goBool, proxy_command: strings }),
  'identity/key-agent': socket({ cluster: goString, allow_reissue: goBool }),
};

export function serviceType(name: string): ServiceType | undefined {
  return Object.hasOwn(SERVICE_TYPES, name) ? SERVICE_TYPES[name] : undefined;
}
