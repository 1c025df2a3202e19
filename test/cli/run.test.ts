import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { run } from './fixture.ts';

describe('tbot-injector', () => {
  it('prints its help when asked, and as an error when called without a command', async () => {
    const help = await run(['--help']);
    expect(help.code).toBe(0);
    for (const { name, summary } of COMMANDS)
      expect(help.stdout).toMatch(new RegExp(`  ${name} +${summary.slice(0, 10)}`));
    expect(await run([])).toEqual({ code: 2, stdout: '', stderr: help.stdout });
  });

  it('prints its release', async () => {
    expect((await run(['--version'])).stdout).toMatch(/^tbot-injector \d+\.\d+\.\d+\n$/);
  });

  it.each(COMMANDS.map(({ name, options }) => [name, options] as const))(
    '%s --help lists every option',
    async (name, options) => {
      const { code, stdout } = await run([name, '--help']);
      expect(code).toBe(0);
      for (const option of options) expect(stdout).toContain(`--${option.name}`);
    },
  );

  it.each([
    [
      ['injekt'],
      'tbot-injector: found command "injekt"; expected inject, explain, webhook, controller or completion. Fix: write inject\n',
    ],
    [['inject', '--confg', 'x'], 'did you mean --config?. Fix: see inject --help\n'],
    [['inject', '-x'], "inject: Unknown option '-x'. Fix: see inject --help\n"],
    [['inject', '--config'], "Option '--config <value>' argument missing. Fix: see inject --help\n"],
    [['inject', 'file.yaml'], 'inject: found "file.yaml"; expected only options. Fix: see inject --help\n'],
    [
      ['inject', '-f', '-', '-o', 'xml'],
      'inject: found --output "xml"; expected yaml, json, patch or diff\n',
    ],
    [['inject'], 'tbot-injector: inject: found no -f; expected -f FILE, or -f - for stdin\n'],
    [
      ['inject', '-f', '-', '--config', '/no/such'],
      'tbot-injector: --config: found ENOENT at /no/such; expected a file that can be read\n',
    ],
    [
      ['inject', '-f', '/no/such', '--config', 'examples/config.yaml'],
      '-f: found ENOENT at /no/such; expected a file that can be read\n',
    ],
    [
      ['inject', '-f', '-', '--config', 'examples/config.yaml', '--namespace-labels', 'team'],
      '--namespace-labels: found "team"; expected KEY=VALUE\n',
    ],
    [
      ['explain', 'output'],
      'tbot-injector: explain: found "output"; expected outputs, containers, join, tbot-config or restart-every. Fix: write outputs\n',
    ],
    [['completion'], 'completion: found "nothing"; expected bash or zsh\n'],
    [
      ['webhook', '--standalone', '--config', 'examples/config.yaml', '--port', 'http'],
      'webhook: found --port "http"; expected a whole number from 0 to 65535\n',
    ],
    [
      ['webhook', '--standalone', '--config', 'examples/config.yaml', '--max-in-flight', '0'],
      'webhook: found --max-in-flight "0"; expected a whole number from 1 to 100000\n',
    ],
    [
      ['webhook', '--standalone', '--config', 'examples/config.yaml', '--client-names', 'x'],
      'webhook: found no --client-ca; expected --client-ca and --client-names together\n',
    ],
    [
      ['webhook', '--standalone', '--config', 'examples/config.yaml', '--status', 'a/../b'],
      'webhook: found --status "a/../b"; expected NAMESPACE/NAME of a ConfigMap\n',
    ],
  ])('names what it expected after a wrong use, and exits with 2: %j', async (argv, message) => {
    const { code, stdout, stderr } = await run(argv);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.endsWith(message), stderr).toBe(true);
  });
});

describe('explain', () => {
  it('lists the annotations', async () => {
    const { code, stdout } = await run(['explain']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^tbot-injector\.io\/outputs +names of outputs/);
  });

  it.each(['join', 'tbot-injector.io/join'])('prints everything about %s', async (name) => {
    expect((await run(['explain', name])).stdout).toContain('tbot-injector.io/join: "tbot"');
  });
});
