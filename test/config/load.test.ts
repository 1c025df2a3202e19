import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { problemsOf, warningsOf, configText } from './config-text.ts';

const TELEPORT = 'teleport: {clusterName: e, proxyServer: "e:443"}\n';
const TBOT = 'tbot: {version: 18.8.1}\n';
const MINIMAL = TELEPORT + TBOT;

describe('a configuration is valid', () => {
  it('with the required fields alone, the others by default', () => {
    expect(loadConfig(MINIMAL)).toEqual({
      kind: 'valid',
      config: {
        teleport: { clusterName: 'e', proxyServer: 'e:443' },
        tbot: { version: '18.8.1' },
        bots: {},
        injection: {
          mountRoot: '/var/run/teleport',
          joinTokenExpirationSeconds: 600,
          onMissingCredential: 'warn',
          ignoreContainers: ['istio-proxy', 'linkerd-proxy'],
        },
        telemetry: { countByNamespace: false },
      },
      warnings: [],
    });
  });

  it('in the example', async () => {
    const text = await readFile(new URL('../../examples/config.yaml', import.meta.url), 'utf8');
    expect([problemsOf(text), warningsOf(text)]).toEqual([[], []]);
  });

  it('with every field', () => {
    expect([problemsOf(configText()), warningsOf(configText())]).toEqual([[], []]);
  });

  it('with the numbers of YAML 1.1: 0440 is octal', () => {
    const output = '{defaultMode: 0440, tbot: {type: identity, ssh_config: off}}';
    const bot = `{join: {method: iam, token: t}, namespaces: {names: [team]}, outputs: {o: ${output}}}`;
    const loaded = loadConfig(`${MINIMAL}bots: {b: ${bot}}`);
    expect(loaded).toMatchObject({
      config: { bots: { b: { tbot: {}, shards: 1, outputs: { o: { defaultMode: 0o440 } } } } },
    });
  });

  it('with a size of one MiB, but not of one byte more', () => {
    const rest = 1_048_576 - MINIMAL.length;
    expect(problemsOf(MINIMAL + '#'.repeat(rest))).toEqual([]);
    expect(problemsOf(MINIMAL + '#'.repeat(rest + 1))).toEqual([
      'config.yaml: found 1048577 bytes; expected one YAML document. Fix: keep it under 1048576 bytes, as much as a ConfigMap holds',
    ]);
  });
});

describe('a text is not a configuration', () => {
  const unreadable = (found: string, fix: string): string =>
    `config.yaml: found ${found}; expected one YAML document. Fix: ${fix}`;

  it.each([
    ['', unreadable('0 documents', 'write one')],
    [`${MINIMAL}---\n${MINIMAL}`, unreadable('2 documents', 'write one')],
    [
      'teleport: [',
      unreadable(
        'Flow sequence in block collection must be sufficiently indented and end with a ] at line 1, column 12:',
        'correct the YAML there',
      ),
    ],
    [MINIMAL + TBOT, unreadable('Map keys must be unique at line 3, column 1:', 'correct the YAML there')],
    [
      `${MINIMAL}bots: *bots`,
      unreadable(
        'Unresolved alias (the anchor must be set before the alias): bots',
        'write the values without aliases',
      ),
    ],
    [
      `${MINIMAL}bots: &bots {b: *bots}`,
      unreadable('*bots stands inside the value that it names', 'correct the YAML there'),
    ],
    [
      `${MINIMAL}bots: &a {b: {tbot: &c {x: [*a]}}}`,
      unreadable('*a stands inside the value that it names', 'correct the YAML there'),
    ],
  ])('%j', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  it('where aliases expand without a limit', () => {
    const level = (name: string, of: string): string =>
      `${name}: &${name} [${Array<string>(9).fill(of).join()}]\n`;
    const bomb = level('a', '1') + level('b', '*a') + level('c', '*b') + level('d', '*c');
    expect(problemsOf(bomb)).toEqual([
      unreadable(
        'Excessive alias count indicates a resource exhaustion attack',
        'write the values without aliases',
      ),
    ]);
  });

  it('where it is nested deeper than the stack', () => {
    expect(loadConfig(`${MINIMAL}bots: ${'['.repeat(50_000)}`)).toMatchObject({
      problems: [{ code: 'unreadable-config' }],
    });
  });

  it.each([
    ['null', 'config.yaml: found nothing; expected a map. Fix: add config.yaml'],
    ['[]', 'config.yaml: found []; expected a map. Fix: correct config.yaml'],
    ['text', 'config.yaml: found "text"; expected a map. Fix: correct config.yaml'],
  ])('where it is %s', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });
});

describe('all problems are reported at once', () => {
  it('those of the schema and those of the rules together', () => {
    const problems = problemsOf(`
teleport: {clusterName: "https://e"}
tbot: {version: v18.8.1}
bot: {}
bots:
  Bad:
    join: {method: kubernetes, token: t}
    namespaces: {all: true}
    outputs: {}
  b:
    join: {method: github}
    namespaces: {selector: {}}
    shards: 0
    outputs:
      one: {secretName: same, tbot: {type: identity, roles: [access]}}
      two: {secretName: same, mountPath: relative, tbot: {type: database, format: cockroach}}
injection: {mountRoot: /../x}
`);
    expect(problems.map((problem) => problem.split(': found ')[0])).toEqual([
      'teleport.clusterName',
      'teleport.proxyServer',
      'bots.Bad',
      'bots.b.join.method',
      'bots.b.join.token',
      'bots.b.shards',
      'bot',
      'tbot.version',
      'injection.mountRoot',
      'bots.Bad.namespaces.acceptClusterWide',
      'bots.Bad.outputs',
      'bots.b.namespaces.selector',
      'bots.b.outputs.one.tbot.roles',
      'bots.b.outputs.two.mountPath',
      'bots.b.outputs.two.tbot.format',
      'bots.b.outputs.two',
    ]);
  });

  it('and warnings beside problems', () => {
    const text = configText({ 'bots.a.tbot.log_format': 'json', 'bots.a.shards': 0 });
    expect([problemsOf(text).length, warningsOf(text).length]).toEqual([1, 1]);
  });
});

describe('keys that are special in JavaScript', () => {
  it('__proto__ is reported everywhere', () => {
    const problem = (where: string): string =>
      `${where}: found "__proto__"; expected another name. Fix: rename it`;
    expect(problemsOf(`${MINIMAL}__proto__: {a: 1}`)).toContain(problem('__proto__'));
    expect(problemsOf(`${MINIMAL}bots: {__proto__: {a: 1}}`)).toEqual([problem('bots.__proto__')]);
    const output = '{tbot: {type: identity, cluster: a, x: {__proto__: 1}}}';
    const bot = `{join: {method: iam, token: t}, namespaces: {names: [team]}, outputs: {o: ${output}}}`;
    expect(problemsOf(`${MINIMAL}bots: {b: ${bot}}`)).toEqual([problem('bots.b.outputs.o.tbot.x.__proto__')]);
  });

  it('others are ordinary names', () => {
    expect(problemsOf(`${MINIMAL}constructor: 1\ntoString: 2`)).toEqual(
      ['constructor', 'toString'].map(
        (key) =>
          `${key}: found a key that is not known here; expected teleport, tbot, bots, injection or telemetry. Fix: remove "${key}"`,
      ),
    );
    const bot = { join: { method: 'iam', token: 't' }, namespaces: { names: ['n'] } };
    const outputs = { constructor: { tbot: { type: 'identity' } } };
    const text = `${MINIMAL}bots: ${JSON.stringify({ constructor: { ...bot, outputs } })}`;
    expect(problemsOf(text)).toEqual([]);
  });
});
