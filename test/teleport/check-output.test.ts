import { describe, expect, it } from 'vitest';
import { printProblem } from '../../src/problems/problem.ts';
import { checkOutput } from '../../src/teleport/check-output.ts';

const AT = 'bots.a.outputs.b.tbot';
const USABLE =
  'identity, application, database, kubernetes, kubernetes/v2, ssh_host, workload-identity-x509, workload-identity-jwt or workload-identity-aws-roles-anywhere';

function check(
  fields: Record<string, unknown>,
  version?: string,
): { problems: string[]; warnings: string[] } {
  const { problems, warnings } = checkOutput(fields, AT, version);
  return { problems: problems.map(printProblem), warnings: warnings.map(printProblem) };
}

const x509 = { type: 'workload-identity-x509', selector: { name: 'web' } };
const arns = { role_arn: 'r', profile_arn: 'p', trust_anchor_arn: 't' };

describe('an output', () => {
  it.each([
    { type: 'identity' },
    { type: 'identity', ssh_config: 'off', allow_reissue: true, cluster: 'leaf' },
    { type: 'identity', ssh_config: false },
    { type: 'application', app_name: 'a', specific_tls_naming: true },
    { type: 'database', service: 's', database: 'd', username: 'u', format: 'mongo' },
    { type: 'database', service: 's', format: '' },
    { type: 'kubernetes', kubernetes_cluster: 'k', disable_exec_plugin: true },
    { type: 'kubernetes/v2', selectors: [{ name: 'k' }, { labels: { env: '*' } }], relay_server: 'r' },
    { type: 'ssh_host', principals: ['h'], ca_type: 'openssh' },
    { ...x509, include_federated_trust_bundles: true },
    { type: 'workload-identity-jwt', selector: { labels: { a: ['b'] } }, audiences: ['x'] },
    {
      type: 'workload-identity-aws-roles-anywhere',
      selector: { name: 'w' },
      ...arns,
      region: 'eu-central-1',
      artifact_name: '.aws_credentials-1.ini',
    },
  ])('of type $type with its own fields is valid', (fields) => {
    expect(check(fields, '18.8.1')).toEqual({ problems: [], warnings: [] });
  });

  it.each([
    [undefined, 'nothing', 'set the type of the output'],
    ['identty', '"identty"', 'write type: identity'],
    ['kubernetes/v3', '"kubernetes/v3"', 'write type: kubernetes/v2'],
    ['spiffe-svid', '"spiffe-svid"', 'set the type of the output'],
    ['__proto__', '"__proto__"', 'set the type of the output'],
    [7, '7', 'set the type of the output'],
  ])('of type %j is unknown', (type, found, fix) => {
    expect(check({ type }).problems).toEqual([
      `${AT}.type: found ${found}; expected an output type of tbot: ${USABLE}. Fix: ${fix}`,
    ]);
  });
});

describe('a Secret cannot hold', () => {
  it.each([
    'workload-identity-api',
    'application-tunnel',
    'application-proxy',
    'database-tunnel',
    'ssh-multiplexer',
    'identity/key-agent',
  ])('the listener %s', (type) => {
    expect(check({ type, listen: 'tcp://127.0.0.1:1234' }).problems).toEqual([
      `${AT}.type: found "${type}"; expected an output that a Secret can hold (it listens on a socket beside the workload and writes no credential). Fix: run tbot in the pod itself (annotation "join") and configure the listener there`,
    ]);
  });

  it('clusters for Argo CD', () => {
    expect(check({ type: 'kubernetes/argo-cd' }).problems).toEqual([
      `${AT}.type: found "kubernetes/argo-cd"; expected an output that a Secret can hold (it writes one Secret per cluster for Argo CD and takes no destination of its own). Fix: run it with Teleport's own tbot chart in the namespace of Argo CD`,
    ]);
  });

  it('the files of CockroachDB', () => {
    expect(check({ type: 'database', service: 's', format: 'cockroach' }).problems).toEqual([
      `${AT}.format: found "cockroach"; expected an output that a Secret can hold (CockroachDB wants its files in a directory of their own, which a Secret cannot have). Fix: use format: tls, or run tbot in the pod itself (annotation "join")`,
    ]);
  });
});

describe('a field', () => {
  it.each([
    ['application', 'app_name', 'a string'],
    ['database', 'service', 'a string'],
    ['kubernetes', 'kubernetes_cluster', 'a string'],
    ['kubernetes/v2', 'selectors', 'a list of at least one map with either name or labels'],
    ['ssh_host', 'principals', 'a list of at least one string'],
    ['workload-identity-x509', 'selector', 'a map with either name or labels'],
  ])('of %s that is required: %s', (type, name, expected) => {
    const missing = `${AT}.${name}: found nothing; expected ${expected}. Fix: add ${name}`;
    expect(check({ type }).problems).toEqual([missing]);
    expect(check({ type, [name]: null }).problems).toEqual([missing]);
  });

  it('that is missing is reported together with the others', () => {
    const { problems } = checkOutput({ type: 'workload-identity-aws-roles-anywhere' }, AT, undefined);
    expect(problems.map(({ where }) => where.slice(AT.length + 1))).toEqual([
      'role_arn',
      'profile_arn',
      'trust_anchor_arn',
      'selector',
    ]);
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ['app_name', { type: 'application', app_name: '' }, '""', 'a string'],
    ['app_name', { type: 'application', app_name: 7 }, '7', 'a string'],
    ['cluster', { type: 'identity', cluster: ['a'] }, 'a list of 1', 'a string'],
    ['allow_reissue', { type: 'identity', allow_reissue: 'yes' }, '"yes"', 'true or false'],
    ['ssh_config', { type: 'identity', ssh_config: 1 }, '1', 'on or off'],
    ['principals', { type: 'ssh_host', principals: [] }, '[]', 'a list of at least one string'],
    ['principals', { type: 'ssh_host', principals: 'h' }, '"h"', 'a list of at least one string'],
    ['principals', { type: 'ssh_host', principals: [1] }, 'a list of 1', 'a list of at least one string'],
    ['selector', { ...x509, selector: { namee: 'w' } }, 'a map of 1', 'a map with either name or labels'],
    ['selector', { ...x509, selector: 'w' }, '"w"', 'a map with either name or labels'],
    ...['a/b', '..', '.', '..x', '$(NAMESPACE)', 'a'.repeat(254), 7].map(
      (name): [string, Record<string, unknown>, string, string] => [
        'artifact_name',
        {
          type: 'workload-identity-aws-roles-anywhere',
          selector: { name: 'w' },
          ...arns,
          artifact_name: name,
        },
        typeof name === 'string' && name.length > 120
          ? `"${name.slice(0, 120)}"... (254 characters)`
          : JSON.stringify(name),
        'a file name: letters, digits, "-", "_" and "."',
      ],
    ),
    ...[
      { name: '' },
      { name: 7 },
      { labels: {} },
      { labels: null },
      { labels: 'env' },
      { labels: ['env'] },
      { name: 'w', labels: { env: 'x' } },
    ].map((selector): [string, Record<string, unknown>, string, string] => [
      'selector',
      { ...x509, selector },
      `a map of ${Object.keys(selector).length}`,
      'a map with either name or labels',
    ]),
    ...([[], {}, [{}], [null], ['k']] as const).map(
      (selectors): [string, Record<string, unknown>, string, string] => [
        'selectors',
        { type: 'kubernetes/v2', selectors },
        Array.isArray(selectors) && selectors.length === 1 ? 'a list of 1' : JSON.stringify(selectors),
        'a list of at least one map with either name or labels',
      ],
    ),
  ])('%s of the wrong type: %j', (name, fields, found, expected) => {
    expect(check(fields).problems).toEqual([
      `${AT}.${name}: found ${found}; expected ${expected}. Fix: correct ${name}`,
    ]);
  });

  it.each([
    ['destination', 'remove it; the Secret is named by secretName beside tbot'],
    ['name', 'remove it; the service is named after the output'],
    ['roles', 'remove it and give each set of roles a bot of its own (Teleport 19 ends roles on outputs)'],
  ])('%s is reserved for the controller', (name, fix) => {
    expect(check({ type: 'identity', [name]: ['x'] })).toEqual({
      problems: [`${AT}.${name}: found a list of 1; expected no ${name} here. Fix: ${fix}`],
      warnings: [],
    });
  });

  it('that is unknown only has a warning', () => {
    expect(check({ type: 'identity', alow_reissue: true, field_of_tomorrow: 1 })).toEqual({
      problems: [],
      warnings: [
        `${AT}.alow_reissue: found a field that is not known here, passed to tbot as it is; expected ssh_config, allow_reissue or cluster. Fix: write allow_reissue if that was meant`,
        `${AT}.field_of_tomorrow: found a field that is not known here, passed to tbot as it is; expected ssh_config, allow_reissue or cluster. Fix: check the spelling against tbot's reference`,
      ],
    });
  });

  it('with an unknown value only has a warning', () => {
    expect(check({ type: 'database', service: 's', format: 'oracle' })).toEqual({
      problems: [],
      warnings: [
        `${AT}.format: found "oracle"; expected "", "tls", "mongo" or "cockroach". Fix: check the spelling of format`,
      ],
    });
  });
});

describe('a tbot that is too old', () => {
  it('for a field is reported at the field', () => {
    const fields = {
      type: 'kubernetes/v2',
      selectors: [{ name: 'k' }],
      context_name_template: 'x',
      relay_server: 'r',
    };
    expect(check(fields, '18.2.3').problems).toEqual([
      `${AT}.context_name_template: found tbot.version 18.2.3; expected tbot 18.2.4 or newer, the first that knows context_name_template. Fix: raise tbot.version, or remove context_name_template`,
      `${AT}.relay_server: found tbot.version 18.2.3; expected tbot 18.5.0 or newer, the first that knows relay_server. Fix: raise tbot.version, or remove relay_server`,
    ]);
    expect(check(fields, '18.2.4').problems).toHaveLength(1);
    expect(check(fields, '18.5.0').problems).toEqual([]);
  });

  it('is no problem for an absent field', () => {
    expect(
      check({ type: 'kubernetes/v2', selectors: [{ name: 'k' }], relay_server: null }, '18.1.7').problems,
    ).toEqual([]);
  });
});
