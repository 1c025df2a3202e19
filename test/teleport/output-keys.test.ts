import { describe, expect, it } from 'vitest';
import { envOffers, secretKeys, type OutputFields } from '../../src/teleport/output-keys.ts';
import { OUTPUT_TYPES, type OutputType } from '../../src/teleport/output-types.ts';

const BASE = ['key', 'key.pub', 'key-cert.pub', 'tlscert'];
const IDENTITY = [
  ...BASE,
  'identity',
  'teleport-host-ca.crt',
  'teleport-user-ca.crt',
  'teleport-database-ca.crt',
];
const KUBERNETES = [...BASE, 'identity', 'kubeconfig.yaml', 'teleport-host-ca.crt'];
const TLS = ['tls.crt', 'tls.key', 'tls.cas'];

function typeOf(fields: OutputFields): OutputType {
  const type = OUTPUT_TYPES.get(String(fields['type']));
  if (type === undefined) throw new Error('no such type');
  return type;
}

describe('the keys that tbot writes into a Secret', () => {
  it.each<[OutputFields, string[], string[]?]>([
    [{ type: 'identity' }, [...IDENTITY, 'known_hosts']],
    [{ type: 'identity', ssh_config: null }, [...IDENTITY, 'known_hosts']],
    [{ type: 'identity', ssh_config: 'on' }, [...IDENTITY, 'known_hosts']],
    [{ type: 'identity', ssh_config: true }, [...IDENTITY, 'known_hosts']],
    [{ type: 'identity', ssh_config: 'off' }, IDENTITY],
    [{ type: 'identity', ssh_config: false }, IDENTITY],
    [{ type: 'application', app_name: 'a' }, IDENTITY],
    [{ type: 'application', app_name: 'a', specific_tls_naming: false }, IDENTITY],
    [{ type: 'application', app_name: 'a', specific_tls_naming: true }, [...IDENTITY, ...TLS]],
    [{ type: 'database', service: 's' }, IDENTITY],
    [{ type: 'database', service: 's', format: '' }, IDENTITY],
    [{ type: 'database', service: 's', format: 'tls' }, [...IDENTITY, ...TLS]],
    [{ type: 'database', service: 's', format: 'mongo' }, [...IDENTITY, 'mongo.crt', 'mongo.cas']],
    [{ type: 'kubernetes', kubernetes_cluster: 'k' }, KUBERNETES],
    [{ type: 'kubernetes/v2', selectors: [{ name: 'k' }] }, KUBERNETES],
    [{ type: 'ssh_host', principals: ['h'] }, ['ssh_host', 'ssh_host-cert.pub', 'ssh_host-user-ca.pub']],
    [
      { type: 'workload-identity-x509', selector: { name: 'w' } },
      ['svid.pem', 'svid_key.pem', 'svid_bundle.pem'],
      ['svid_crl.pem'],
    ],
    [{ type: 'workload-identity-jwt' }, ['jwt_svid']],
    [{ type: 'workload-identity-aws-roles-anywhere' }, ['aws_credentials']],
    [{ type: 'workload-identity-aws-roles-anywhere', artifact_name: 'creds' }, ['creds']],
    [{ type: 'workload-identity-aws-roles-anywhere', artifact_name: '' }, ['aws_credentials']],
    [{ type: 'workload-identity-aws-roles-anywhere', artifact_name: 7 }, ['aws_credentials']],
  ])('%j', (fields, required, optional = []) => {
    expect(secretKeys(typeOf(fields), fields)).toEqual({ required, optional });
  });
});

describe('the variables that an output offers', () => {
  it.each<[OutputFields, unknown[]]>([
    [
      { type: 'identity' },
      [
        { name: 'TELEPORT_PROXY', value: 'proxyServer', byDefault: true },
        { name: 'TELEPORT_IDENTITY_FILE', value: { file: 'identity' }, byDefault: true },
      ],
    ],
    [{ type: 'database' }, []],
    [
      { type: 'kubernetes/v2' },
      [{ name: 'KUBECONFIG', value: { file: 'kubeconfig.yaml' }, byDefault: false }],
    ],
    [
      { type: 'workload-identity-aws-roles-anywhere', artifact_name: 'creds' },
      [{ name: 'AWS_SHARED_CREDENTIALS_FILE', value: { file: 'creds' }, byDefault: false }],
    ],
  ])('%j', (fields, offers) => {
    expect(envOffers(typeOf(fields), fields)).toEqual(offers);
  });
});
