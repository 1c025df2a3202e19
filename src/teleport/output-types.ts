/*
 * A table of every output type of tbot: its fields, the keys that it writes into a Secret, and the variables by which
 * tools find them. Source: Teleport 18.9.0-rc.2 and 19-dev.
 */

/** The type of a field in tbot. A selector is a map with either `name` or `labels`. */
export type FieldKind = 'string' | 'file name' | 'boolean' | 'on/off' | 'strings' | 'selector' | 'selectors';

export interface OutputField {
  readonly name: string;
  readonly kind: FieldKind;
  readonly required?: true;
  /** The first tbot release with the field. */
  readonly since?: string;
  /** The known values; another one is passed through with a warning. */
  readonly values?: readonly string[];
}

/** A rule applies where the field has one of these values, or is absent with `orAbsent`. */
export interface FieldCondition {
  readonly field: string;
  readonly is: readonly (string | boolean)[];
  readonly orAbsent?: true;
}

/** Keys of the Secret. tbot may never write `optional` ones, so no container may wait for them. */
export interface KeyRule {
  readonly keys: readonly string[];
  readonly optional?: true;
  readonly when?: FieldCondition;
  /** The field that sets the name of the rule's only key. */
  readonly renamedBy?: string;
}

/** An environment variable by which tools find the credential: a file below the mount, or the proxy's address. */
export interface EnvRule {
  readonly name: string;
  readonly value: { readonly file: string } | 'proxyServer';
  /** Set by default, for only Teleport's own tools read it. */
  readonly byDefault: boolean;
}

export interface OutputType {
  readonly type: string;
  readonly doc: string;
  /** The first tbot release with the type. */
  readonly since?: string;
  readonly fields: readonly OutputField[];
  readonly keys: readonly KeyRule[];
  /** Tools refuse private keys that other users can read, so the file mode depends on this. */
  readonly holdsPrivateKey: boolean;
  readonly env: readonly EnvRule[];
  /** Why a Secret cannot hold it; `when` limits this to some values of a field. */
  readonly unsuitable?: { readonly because: string; readonly fix: string; readonly when?: FieldCondition };
}

/** tbot writes these with every X.509 and SSH identity. `.write-test`, which is always empty, is left out. */
const BASE_KEYS = ['key', 'key.pub', 'key-cert.pub', 'tlscert'] as const;
const CA_CERTIFICATE_KEYS = [
  'teleport-host-ca.crt',
  'teleport-user-ca.crt',
  'teleport-database-ca.crt',
] as const;
const IDENTITY_KEYS: KeyRule = { keys: [...BASE_KEYS, 'identity', ...CA_CERTIFICATE_KEYS] };
const KUBERNETES_KEYS: KeyRule = {
  keys: [...BASE_KEYS, 'identity', 'kubeconfig.yaml', 'teleport-host-ca.crt'],
};
const KUBECONFIG: EnvRule = { name: 'KUBECONFIG', value: { file: 'kubeconfig.yaml' }, byDefault: false };

const NEEDS_SIDECAR = {
  because: 'it listens on a socket beside the workload and writes no credential',
  fix: 'run tbot in the pod itself (annotation "join") and configure the listener there',
} as const;

function listener(type: string, since?: string): OutputType {
  return {
    type,
    doc: 'A listener for workloads in the same pod.',
    ...(since === undefined ? {} : { since }),
    fields: [],
    keys: [],
    holdsPrivateKey: false,
    env: [],
    unsuitable: NEEDS_SIDECAR,
  };
}

const TABLE: readonly OutputType[] = [
  {
    type: 'identity',
    doc: 'Identity file for tsh, tctl, ssh and the Teleport API.',
    fields: [
      { name: 'ssh_config', kind: 'on/off', values: ['on', 'off'] },
      { name: 'allow_reissue', kind: 'boolean' },
      { name: 'cluster', kind: 'string' },
    ],
    keys: [
      IDENTITY_KEYS,
      { keys: ['known_hosts'], when: { field: 'ssh_config', is: ['on', true], orAbsent: true } },
    ],
    holdsPrivateKey: true,
    env: [
      { name: 'TELEPORT_PROXY', value: 'proxyServer', byDefault: true },
      { name: 'TELEPORT_IDENTITY_FILE', value: { file: 'identity' }, byDefault: true },
    ],
  },
  {
    type: 'application',
    doc: 'Client certificate for an application behind Teleport.',
    fields: [
      { name: 'app_name', kind: 'string', required: true },
      { name: 'specific_tls_naming', kind: 'boolean' },
    ],
    keys: [
      IDENTITY_KEYS,
      { keys: ['tls.crt', 'tls.key', 'tls.cas'], when: { field: 'specific_tls_naming', is: [true] } },
    ],
    holdsPrivateKey: true,
    env: [],
  },
  {
    type: 'database',
    doc: 'Client certificate for a database behind Teleport.',
    fields: [
      { name: 'service', kind: 'string', required: true },
      { name: 'database', kind: 'string' },
      { name: 'username', kind: 'string' },
      { name: 'format', kind: 'string', values: ['', 'tls', 'mongo', 'cockroach'] },
    ],
    keys: [
      IDENTITY_KEYS,
      { keys: ['tls.crt', 'tls.key', 'tls.cas'], when: { field: 'format', is: ['tls'] } },
      { keys: ['mongo.crt', 'mongo.cas'], when: { field: 'format', is: ['mongo'] } },
    ],
    holdsPrivateKey: true,
    env: [],
    unsuitable: {
      because: 'CockroachDB wants its files in a directory of their own, which a Secret cannot have',
      fix: 'use format: tls, or run tbot in the pod itself (annotation "join")',
      when: { field: 'format', is: ['cockroach'] },
    },
  },
  {
    type: 'kubernetes',
    doc: 'kubeconfig for one Kubernetes cluster behind Teleport.',
    fields: [
      { name: 'kubernetes_cluster', kind: 'string', required: true },
      { name: 'disable_exec_plugin', kind: 'boolean' },
    ],
    keys: [KUBERNETES_KEYS],
    holdsPrivateKey: true,
    env: [KUBECONFIG],
  },
  {
    type: 'kubernetes/v2',
    doc: 'kubeconfig for the Kubernetes clusters that the selectors choose.',
    fields: [
      { name: 'selectors', kind: 'selectors', required: true },
      { name: 'disable_exec_plugin', kind: 'boolean' },
      { name: 'context_name_template', kind: 'string', since: '18.2.4' },
      { name: 'relay_server', kind: 'string', since: '18.5.0' },
    ],
    keys: [KUBERNETES_KEYS],
    holdsPrivateKey: true,
    env: [KUBECONFIG],
  },
  {
    type: 'kubernetes/argo-cd',
    doc: 'Cluster Secrets for Argo CD.',
    since: '18.1.7',
    fields: [],
    keys: [],
    holdsPrivateKey: true,
    env: [],
    unsuitable: {
      because: 'it writes one Secret per cluster for Argo CD and takes no destination of its own',
      fix: "run it with Teleport's own tbot chart in the namespace of Argo CD",
    },
  },
  {
    type: 'ssh_host',
    doc: 'Host certificate for an OpenSSH server.',
    fields: [
      { name: 'principals', kind: 'strings', required: true },
      { name: 'ca_type', kind: 'string', values: ['user', 'openssh'] },
    ],
    keys: [{ keys: ['ssh_host', 'ssh_host-cert.pub', 'ssh_host-user-ca.pub'] }],
    holdsPrivateKey: true,
    env: [],
  },
  {
    type: 'workload-identity-x509',
    doc: 'X.509 SVID with its trust bundle.',
    fields: [
      { name: 'selector', kind: 'selector', required: true },
      { name: 'include_federated_trust_bundles', kind: 'boolean' },
    ],
    keys: [
      { keys: ['svid.pem', 'svid_key.pem', 'svid_bundle.pem'] },
      { keys: ['svid_crl.pem'], optional: true },
    ],
    holdsPrivateKey: true,
    env: [],
  },
  {
    type: 'workload-identity-jwt',
    doc: 'JWT SVID for the given audiences.',
    fields: [
      { name: 'audiences', kind: 'strings', required: true },
      { name: 'selector', kind: 'selector', required: true },
    ],
    keys: [{ keys: ['jwt_svid'] }],
    holdsPrivateKey: false,
    env: [],
  },
  {
    type: 'workload-identity-aws-roles-anywhere',
    doc: 'AWS credentials file by way of Roles Anywhere.',
    fields: [
      { name: 'role_arn', kind: 'string', required: true },
      { name: 'profile_arn', kind: 'string', required: true },
      { name: 'trust_anchor_arn', kind: 'string', required: true },
      { name: 'selector', kind: 'selector', required: true },
      { name: 'region', kind: 'string' },
      { name: 'session_duration', kind: 'string' },
      { name: 'session_renewal_interval', kind: 'string' },
      { name: 'credential_profile_name', kind: 'string' },
      { name: 'artifact_name', kind: 'file name' },
      { name: 'overwrite_credential_file', kind: 'boolean' },
    ],
    keys: [{ keys: ['aws_credentials'], renamedBy: 'artifact_name' }],
    holdsPrivateKey: false,
    env: [{ name: 'AWS_SHARED_CREDENTIALS_FILE', value: { file: 'aws_credentials' }, byDefault: false }],
  },
  listener('workload-identity-api'),
  listener('application-tunnel'),
  listener('application-proxy', '18.2.3'),
  listener('database-tunnel'),
  listener('ssh-multiplexer'),
  listener('identity/key-agent', '18.8.3'),
];

export const OUTPUT_TYPES: ReadonlyMap<string, OutputType> = new Map(
  TABLE.map((entry) => [entry.type, entry]),
);
