import { describe, expect, it } from 'vitest';
import { configText, SECRET } from './config-text.ts';
import { readConfig, type BotConfig } from './config.ts';
import type { Service } from './service.ts';

/** The second service, after one that is sound. */
function read(service: string): BotConfig {
  return readConfig(configText([service]));
}

const of = (type: string, fields = ''): string => `{type: ${type}, destination: ${SECRET}, ${fields}}`;
const ARNS = [
  'role_arn: "arn:aws:iam::123456789012:role/r"',
  'profile_arn: "arn:aws:rolesanywhere:eu-west-1:123456789012:profile/p"',
  'trust_anchor_arn: "arn:aws:rolesanywhere:eu-west-1:123456789012:trust-anchor/t"',
].join(', ');
const aws = (fields: string): string =>
  of('workload-identity-aws-roles-anywhere', `selector: {name: x}, ${ARNS}, ${fields}`);
const twice = (fields: string): string => `{destination: ${SECRET}, ${fields}, type: application}`;

/** Read while the file is parsed, so that no service has a number. */
const MISFITS: Readonly<Record<string, readonly [service: string, sentence: string]>> = {
  'a type that is none': [of('postgres'), 'unrecognized service type (postgres)'],
  'a type that 19 has no more': [of('spiffe-svid'), 'unrecognized service type (spiffe-svid)'],
  'no type': [`{destination: ${SECRET}}`, 'unrecognized service type ()'],
  'a destination that is none': [
    '{type: identity, destination: {type: secret}}',
    'unrecognized destination type (secret)',
  ],
  'a TTL without a unit': [
    of('identity', 'credential_ttl: 60, renewal_interval: 20'),
    'line 8: cannot unmarshal !!int `60` into time.Duration  line 8: cannot unmarshal !!int `20` into time.Duration',
  ],
  'a duration of days': [aws('session_duration: 1d'), 'cannot unmarshal !!str `1d` into time.Duration'],
  'labels of a workload identity that are texts': [
    of('workload-identity-x509', 'selector: {labels: {env: prod}}'),
    'cannot unmarshal !!str `prod` into []string',
  ],
  'labels of a cluster that are lists': [
    of('kubernetes/v2', 'selectors: [{labels: {env: [prod]}}]'),
    'cannot unmarshal !!seq into string',
  ],
  'one principal and no list': [
    of('ssh_host', 'principals: host.example.com'),
    'cannot unmarshal !!str `host.ex...` into []string',
  ],
  'a truth that is a word': [
    of('identity', 'allow_reissue: maybe'),
    'cannot unmarshal !!str `maybe` into bool',
  ],
  'a name of several': [of('database', 'service: [a, b]'), 'cannot unmarshal !!seq into string'],
};

const REFUSED: Readonly<Record<string, readonly [service: string, sentence: string]>> = {
  'ssh_config of false': [of('identity', 'ssh_config: false'), 'ssh_config: unrecognized value "false"'],
  'ssh_config of another value': [
    of('identity', 'ssh_config: maybe'),
    'ssh_config: unrecognized value "maybe"',
  ],
  'roles of its own': [of('identity', 'roles: [access]'), 'roles: the roles field is no longer supported'],
  'no destination': ['{type: identity}', 'no destination configured for output'],
  'a Secret without a name': [
    '{type: identity, destination: {type: kubernetes_secret}}',
    'validating destination\n\t\tname must not be empty',
  ],
  'a directory without a path': [
    '{type: identity, destination: {type: directory}}',
    'destination path must not be empty',
  ],
  'access lists of false': [
    '{type: identity, destination: {type: directory, path: /x, acls: false}}',
    'invalid acls mode: "false"',
  ],
  'an agent in a Secret': [of('identity/key-agent'), 'must be of type directory'],
  'no application': [of('application'), 'app_name must not be empty'],
  'an application of null': [of('application', 'app_name: null'), 'app_name must not be empty'],
  'no database': [of('database', "service: ''"), 'service must not be empty'],
  'a format that is none': [of('database', 'service: x, format: pem'), 'unrecognized format (pem)'],
  'no cluster': [of('kubernetes'), 'kubernetes_cluster must not be empty'],
  'no selectors': [of('kubernetes/v2', 'selectors: []'), 'at least one selector must be provided'],
  'a selector of nothing': [
    of('kubernetes/v2', 'selectors: [{default_namespace: x}]'),
    "selectors: one of 'name' and 'labels' must be specified",
  ],
  'a selector of both': [
    of('kubernetes/v2', 'selectors: [{name: x, labels: {a: b}}]'),
    "selectors: only one of 'name' and 'labels' may be specified",
  ],
  'a template that is none': [
    of('kubernetes/v2', "selectors: [{name: x}], context_name_template: '{{.Nope}}'"),
    'context_name_template is invalid',
  ],
  'no principals': [of('ssh_host', 'principals: []'), 'at least one principal must be specified'],
  'an authority that is none': [
    of('ssh_host', 'principals: [a], ca_type: host'),
    'ca_type ("host") is unsupported',
  ],
  'no selector': [
    of('workload-identity-x509'),
    "validating selector\n\t\tone of ['name', 'labels'] must be set",
  ],
  'a workload identity by both': [
    of('workload-identity-x509', 'selector: {name: x, labels: {env: [prod]}}'),
    "at most one of ['name', 'labels'] can be set",
  ],
  'a label without values': [
    of('workload-identity-jwt', 'selector: {labels: {env: []}}, audiences: [a]'),
    'labels[env]: must have at least one value',
  ],
  'no audiences': [
    of('workload-identity-jwt', 'selector: {name: x}'),
    'audiences: must have at least one value',
  ],
  'a trust domain that is none': [
    of('workload-identity-x509', 'selector: {name: x}, trust_domains: [mine]'),
    'invalid trust domain "mine"',
  ],
  'no ARN': [of('workload-identity-aws-roles-anywhere', 'selector: {name: x}'), 'role_arn: must be set'],
  'a role that is no ARN': [
    aws('').replace('arn:aws:iam::123456789012:role/r', 'my-role'),
    'parsing role_arn\n\t\tarn: invalid prefix',
  ],
  'an ARN cut short': [
    aws('').replace('arn:aws:iam::123456789012:role/r', 'arn:aws:iam'),
    'parsing role_arn\n\t\tarn: not enough sections',
  ],
  'a region that is none': [aws('region: Frankfurt'), 'validating region'],
  'a session of 13 hours': [
    aws('session_duration: 13h'),
    'session_duration: must be less than or equal to 12 hours',
  ],
  'a session renewed too late': [
    aws('session_duration: 1h'),
    'session_renewal_interval: must be less than session_duration',
  ],
  'a TTL alone': [of('identity', 'credential_ttl: 21h'), 'must both be specified if either is'],
  'an interval of none': [
    of('identity', 'credential_ttl: 1h, renewal_interval: 0s'),
    'must both be specified if either is',
  ],
  'a TTL below nothing': [
    of('identity', 'credential_ttl: -1h, renewal_interval: 10m'),
    'credential_ttl must be positive',
  ],
  'an interval below nothing': [
    of('identity', 'credential_ttl: 1h, renewal_interval: -10m'),
    'renewal_interval must be positive',
  ],
  'a renewal after the end': [
    of('identity', 'credential_ttl: 10m, renewal_interval: 20m'),
    'Credential TTL is shorter than the renewal interval',
  ],
  'a TTL of two days': [
    of('identity', 'credential_ttl: 48h, renewal_interval: 1h'),
    'exceeds the maximum TTL allowed',
  ],
  'a name that tbot keeps': [of('identity', 'name: heartbeat'), 'service name "heartbeat" is reserved'],
  'a name with a dot': [of('identity', 'name: team.one'), 'invalid service name: "team.one"'],
  'a name twice': [of('identity', 'name: sound'), 'duplicate name: "sound"'],
  'a listener without an address': ['{type: application-tunnel, app_name: x}', 'listen: should not be empty'],
  'a tunnel without a user': [
    '{type: database-tunnel, listen: "tcp://127.0.0.1:1", service: a, database: b}',
    'username: should not be empty',
  ],
};

describe('tbot ends at its start for a service with', () => {
  it.each(Object.entries(MISFITS))('%s, while it reads', (_, [service, sentence]) => {
    expect(() => read(service)).toThrow(sentence);
    expect(() => read(service)).toThrow(/^failed parsing config file: /);
  });

  it.each(Object.entries(REFUSED))('%s', (_, [service, sentence]) => {
    expect(() => read(service)).toThrow(sentence);
    expect(() => read(service)).toThrow(/^validating service\[1\]\n\t/);
  });

  it('the first fault of several', () => {
    const faults = [twice('app_name: x'), of('ssh_host'), of('application')];
    expect(() => readConfig(configText(faults))).toThrow(
      /^validating service\[2\]\n\tat least one principal/,
    );
  });
});

const SOUND: Readonly<Record<string, readonly [service: string, expected: Partial<Service>]>> = {
  // Go's YAML knows no `off` of its own: the field is a text.
  'ssh_config of off, without quotes': [
    of('identity', 'ssh_config: off'),
    { keys: expect.not.arrayContaining(['known_hosts']) as string[] },
  ],
  'ssh_config of its default': [
    of('identity'),
    {
      name: 'identity-2',
      keys: [
        ...['.write-test', 'key', 'key.pub', 'key-cert.pub', 'tlscert', 'identity', 'teleport-host-ca.crt'],
        ...['teleport-user-ca.crt', 'teleport-database-ca.crt', 'known_hosts'],
      ],
    },
  ],
  'a number for a text': [of('application', 'app_name: 007'), {}],
  'a truth of YAML 1.1': [
    of('application', 'app_name: x, specific_tls_naming: yes'),
    { keys: expect.arrayContaining(['tls.key']) as string[] },
  ],
  'fields that tbot does not know': [of('identity', 'ssh_confg: {x: [y]}'), {}],
  'a TTL of two days for a workload identity': [
    of('workload-identity-x509', 'selector: {name: x}, credential_ttl: 48h, renewal_interval: 1h30m'),
    { ttlMs: 172_800_000, renewalMs: 5_400_000 },
  ],
  'a TTL for sessions of AWS, which has no such field': [
    aws('credential_ttl: 48h'),
    { ttlMs: 21_600_000, renewalMs: 3_600_000, keys: ['aws_credentials'] },
  ],
  'a name of its own for the file of AWS': [aws('artifact_name: config'), { keys: ['config'] }],
  'labels of a workload identity': [
    of('workload-identity-jwt', 'selector: {labels: {env: [prod]}}, audiences: [a]'),
    { keys: ['jwt_svid'] },
  ],
  'a template': [of('kubernetes/v2', "selectors: [{name: x}], context_name_template: '{{ .KubeName }}'"), {}],
  'the database of Mongo': [
    of('database', 'service: x, format: mongo'),
    { keys: expect.arrayContaining(['mongo.crt', 'mongo.cas']) as string[] },
  ],
  'a listener': ['{type: application-proxy, listen: "tcp://127.0.0.1:1"}', { destination: undefined }],
  'access lists of off, without quotes': [
    '{type: identity, destination: {type: directory, path: /x, acls: off}}',
    { destination: { type: 'directory', path: '/x' } },
  ],
};

describe('tbot takes', () => {
  it.each(Object.entries(SOUND))('%s', (_, [service, expected]) => {
    expect(read(service).services[1]).toMatchObject(expected);
  });
});
