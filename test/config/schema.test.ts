import { describe, expect, it } from 'vitest';
import { problemsOf, configText } from './config-text.ts';

const OBJECT = 'the name of a Kubernetes object: lower-case letters, digits, "-" and "."';
const SHARDS = 'a whole number from 1 to 64';
const MODE = 'a file mode from 0 to 0777';
const LONGEST_TOKEN = 'seconds from 600 to 1800 (Teleport refuses tokens that live longer than 30 minutes)';
const CLUSTER =
  'the name of the Teleport cluster, without scheme and port: it is the audience of join tokens';
const PROXY = 'host:port of the Teleport Proxy, without scheme, the port from 1 to 65535';
const KEY = 'a key of the Secret: letters, digits, "-", "_" and ".", at most 253 characters';

const label = (maxLength: number): string =>
  `lower-case letters, digits and "-", at most ${maxLength} characters`;

describe('a value is invalid', () => {
  it.each<[string, unknown, string, string]>([
    ...['https://e', 'e:443', '', '-e', 'e-', '.e', 'e.', '_'].map(
      (name): [string, unknown, string, string] => [
        'teleport.clusterName',
        name,
        CLUSTER,
        'write for example clusterName: "example.teleport.sh"',
      ],
    ),
    ...[
      'e:0',
      'e:0443',
      'e:65536',
      'e:70000',
      'e:100000',
      '-e:443',
      'e-:443',
      'e.:443',
      'e_f:443',
      ':443',
      'e',
      'https://e:443',
      'e:443/x',
    ].map((address): [string, unknown, string, string] => [
      'teleport.proxyServer',
      address,
      PROXY,
      'write for example proxyServer: "example.teleport.sh:443"',
    ]),
    ['tbot.version', 18, 'the release of tbot, as a quoted string', 'write for example version: "18.8.1"'],
    ['bots', [], 'the bots, by name', 'correct bots'],
    ['bots.a', 7, 'a map', 'correct a'],
    ['bots.a.join.method', 'github', 'kubernetes, gcp or iam', 'write for example method: "kubernetes"'],
    [
      'bots.a.join.token',
      '',
      'the name of the join token in Teleport',
      'write for example token: "example-bot"',
    ],
    ['bots.a.namespaces.names', 'team-a', 'a list of namespace names', 'correct names'],
    ['bots.a.namespaces.names', [], 'at least one namespace name', 'correct names'],
    ['bots.a.namespaces.all', 'yes', 'true', 'correct all'],
    ['bots.a.tbot', 'x', "tbot's own top-level fields", 'write for example tbot: a map of 1'],
    ['bots.a.shards', 0, SHARDS, 'correct shards'],
    ['bots.a.shards', 65, SHARDS, 'correct shards'],
    ['bots.a.shards', 1.5, SHARDS, 'correct shards'],
    ['bots.a.shards', '1', SHARDS, 'correct shards'],
    ['bots.a.outputs', [], 'the outputs of the bot, by name', 'correct outputs'],
    ['bots.a.outputs.one.secretName', 'One', OBJECT, 'correct secretName'],
    ['bots.a.outputs.one.secretName', 'a..b', OBJECT, 'correct secretName'],
    ['bots.a.outputs.one.mountPath', '', 'an absolute path', 'correct mountPath'],
    ['bots.a.outputs.one.requiredKeys', 'identity', 'a list of keys', 'correct requiredKeys'],
    ['bots.a.outputs.one.requiredKeys', [], 'at least one key', 'correct requiredKeys'],
    ['bots.a.outputs.one.requiredKeys', ['identity', 'identity'], 'each key once', 'correct requiredKeys'],
    ['bots.a.outputs.one.defaultMode', -1, MODE, 'correct defaultMode'],
    ['bots.a.outputs.one.defaultMode', 0o1000, MODE, 'correct defaultMode'],
    ['bots.a.outputs.one.defaultMode', '0440', MODE, 'correct defaultMode'],
    ['bots.a.outputs.one.env', 'yes', 'true or false', 'correct env'],
    ['bots.a.outputs.one.tbot', [], "tbot's own fields, type among them", 'correct tbot'],
    ['bots.a.outputs.one.tbot.type', 7, 'an output type of tbot', 'correct type'],
    ['injection.mountRoot', '', 'an absolute path', 'correct mountRoot'],
    [
      'injection.joinTokenExpirationSeconds',
      599,
      'seconds from 600 (the least Kubernetes gives) to 1800',
      'correct joinTokenExpirationSeconds',
    ],
    ['injection.joinTokenExpirationSeconds', 1801, LONGEST_TOKEN, 'correct joinTokenExpirationSeconds'],
    ['injection.onMissingCredential', 'ignore', 'warn or refuse', 'correct onMissingCredential'],
    ['injection.ignoreContainers', 'istio-proxy', 'a list of container names', 'correct ignoreContainers'],
    ['telemetry.countByNamespace', 1, 'true or false', 'correct countByNamespace'],
  ])('%s: %j', (path, value, expected, fix) => {
    const found =
      Array.isArray(value) && value.length > 0 ? `a list of ${value.length}` : JSON.stringify(value);
    expect(problemsOf(configText({ [path]: value }))).toContain(
      `${path}: found ${found}; expected ${expected}. Fix: ${fix}`,
    );
  });

  it.each([
    ['bots.a.namespaces.names', ['Team'], label(63)],
    ['bots.a.outputs.one.requiredKeys', ['../x'], KEY],
    ['bots.a.outputs.one.requiredKeys', ['a/b'], KEY],
    ['injection.ignoreContainers', ['istio_proxy'], label(63)],
  ])('%s[0] of %j', (path, value, expected) => {
    const item = `${path.split('.').at(-1) ?? ''}[0]`;
    expect(problemsOf(configText({ [path]: value }))).toEqual([
      `${path}[0]: found "${value[0] ?? ''}"; expected ${expected}. Fix: correct ${item}`,
    ]);
  });
});

describe('a value is valid at its bounds', () => {
  it.each<[string, unknown]>([
    ['teleport.clusterName', 'e'],
    ['teleport.clusterName', 'E.x_y-1'],
    ['teleport.proxyServer', '[::1]:3080'],
    ['teleport.proxyServer', 'E-x.y:1'],
    ...[9999, 10000, 59999, 60000, 64999, 65000, 65499, 65500, 65529, 65530, 65535].map(
      (port): [string, unknown] => ['teleport.proxyServer', `e:${port}`],
    ),
    ['bots', {}],
    ['bots.a.shards', 64],
    ['bots.a.namespaces.names', ['a'.repeat(63)]],
    ['bots.a.outputs.one.secretName', `${'a'.repeat(100)}.${'b'.repeat(152)}`],
    ['bots.a.outputs.one.requiredKeys', ['identity', '.write-test', 'k'.repeat(253)]],
    ['bots.a.outputs.one.defaultMode', 0],
    ['bots.a.outputs.one.defaultMode', 0o777],
    ['bots.a.outputs.one.env', false],
    ['injection.joinTokenExpirationSeconds', 1800],
    ['injection.onMissingCredential', 'refuse'],
    ['injection.ignoreContainers', []],
  ])('%s: %j', (path, value) => {
    expect(problemsOf(configText({ [path]: value }))).toEqual([]);
  });

  it.each<[string, string, number]>([
    ['bots', 'the name of a bot', 40],
    ['bots.a.outputs', 'the name of an output', 51],
  ])('%s: %s has at most %d characters', (path, _, maxLength) => {
    const value =
      path === 'bots' ? botOf({ one: { tbot: { type: 'identity' } } }) : { tbot: { type: 'identity' } };
    const [name, longer] = ['a'.repeat(maxLength), 'a'.repeat(maxLength + 1)];
    expect(problemsOf(configText({ [path]: { [name]: value } }))).toEqual([]);
    expect(problemsOf(configText({ [path]: { [longer]: value } }))).toEqual([
      `${path}.${longer}: found "${longer}"; expected ${label(maxLength)}. Fix: rename it`,
    ]);
  });
});

function botOf(outputs: unknown): unknown {
  return { join: { method: 'iam', token: 't' }, namespaces: { names: ['n'] }, outputs };
}

describe('a label', () => {
  const SELECTOR = 'bots.a.namespaces.selector';
  const part = 'a'.repeat(63);

  it.each(['a', 'A.b_c-1', part, `a.b-c/${part}`, `${'a'.repeat(253)}/a`])('has the key %s', (key) => {
    expect(problemsOf(configText({ [SELECTOR]: { matchLabels: { [key]: 'x' } } }))).toEqual([]);
  });

  it.each(['', 'a b', '-a', 'a-', `${part}a`, '/a', 'a/', 'a/b/c', 'A/b', `${'a'.repeat(254)}/a`])(
    'does not have the key %j',
    (key) => {
      const quoted = key.length > 120 ? `"${key.slice(0, 120)}"... (256 characters)` : `"${key}"`;
      const expected = `found ${quoted}; expected a label key of Kubernetes`;
      expect(problemsOf(configText({ [SELECTOR]: { matchLabels: { [key]: 'x' } } }))).toEqual([
        `${SELECTOR}.matchLabels.${key}: ${expected}. Fix: rename it`,
      ]);
      const matchExpressions = [{ key, operator: 'Exists' }];
      expect(problemsOf(configText({ [SELECTOR]: { matchExpressions } }))).toEqual([
        `${SELECTOR}.matchExpressions[0].key: ${expected}. Fix: correct key`,
      ]);
    },
  );

  it.each(['', 'a', 'A.b_c-1', part])('has the value %j', (value) => {
    const matchExpressions = [{ key: 'a', operator: 'In', values: [value] }];
    expect(problemsOf(configText({ [SELECTOR]: { matchLabels: { a: value }, matchExpressions } }))).toEqual(
      [],
    );
  });

  it.each<[unknown, string]>([
    ['a b', 'a label value of Kubernetes'],
    ['-a', 'a label value of Kubernetes'],
    ['a-', 'a label value of Kubernetes'],
    ['a/b', 'a label value of Kubernetes'],
    [`${part}a`, 'a label value of Kubernetes'],
    [true, 'a label value, in quotes'],
    [1, 'a label value, in quotes'],
  ])('does not have the value %j', (value, text) => {
    const expected = `found ${JSON.stringify(value)}; expected ${text}`;
    const matchExpressions = [{ key: 'a', operator: 'In', values: [value] }];
    expect(problemsOf(configText({ [SELECTOR]: { matchLabels: { a: value }, matchExpressions } }))).toEqual([
      `${SELECTOR}.matchLabels.a: ${expected}. Fix: correct a`,
      `${SELECTOR}.matchExpressions[0].values[0]: ${expected}. Fix: correct values[0]`,
    ]);
  });
});

describe('a value is missing', () => {
  it.each([
    ['teleport', 'a map', 'add teleport'],
    [
      'teleport.clusterName',
      'the name of the Teleport cluster',
      'write for example clusterName: "example.teleport.sh"',
    ],
    ['tbot', 'a map', 'add tbot'],
    ['tbot.version', 'the release of tbot, as a quoted string', 'write for example version: "18.8.1"'],
    ['bots.a.join', 'a map', 'add join'],
    ['bots.a.join.method', 'kubernetes, gcp or iam', 'write for example method: "kubernetes"'],
    ['bots.a.namespaces', 'a map', 'add namespaces'],
    ['bots.a.outputs', 'the outputs of the bot, by name', 'add outputs'],
    ['bots.a.outputs.one.tbot', "tbot's own fields, type among them", 'add tbot'],
    ['bots.a.outputs.one.tbot.type', 'an output type of tbot', 'add type'],
  ])('%s', (path, expected, fix) => {
    const problem = `${path}: found nothing; expected ${expected}. Fix: ${fix}`;
    expect(problemsOf(configText({ [path]: undefined }))).toEqual([problem]);
    expect(problemsOf(configText({ [path]: null }))).toEqual([problem]);
  });
});

describe('a key is unknown', () => {
  it.each([
    ['telport', 'teleport, tbot, bots, injection or telemetry', 'write teleport'],
    ['bots.a.output', 'join, namespaces, tbot, shards or outputs', 'write outputs'],
    [
      'bots.a.outputs.one.roles',
      'secretName, mountPath, requiredKeys, defaultMode, env or tbot',
      'remove "roles"',
    ],
    ['bots.a.namespaces.selector.matchlabels', 'matchLabels or matchExpressions', 'write matchLabels'],
    [
      'injection.mountroot',
      'mountRoot, joinTokenExpirationSeconds, onMissingCredential or ignoreContainers',
      'write mountRoot',
    ],
  ])('%s', (path, expected, fix) => {
    expect(problemsOf(configText({ [path]: 'x' }))).toContain(
      `${path}: found a key that is not known here; expected ${expected}. Fix: ${fix}`,
    );
  });

  it('under an invalid name as well', () => {
    const outputs = { One: { tbot: { type: 'identity' }, secret: 'x' } };
    expect(problemsOf(configText({ 'bots.a.outputs': outputs }))).toEqual([
      `bots.a.outputs.One: found "One"; expected ${label(51)}. Fix: rename it`,
      'bots.a.outputs.One.secret: found a key that is not known here; expected secretName, mountPath, requiredKeys, defaultMode, env or tbot. Fix: remove "secret"',
    ]);
  });
});
