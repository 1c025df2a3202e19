import { describe, expect, it } from 'vitest';
import { CONTROLLER_OPTIONS, readControllerFlags } from '../../src/cli/controller-options.ts';
import { parseArguments } from '../../src/cli/arguments.ts';
import { EXIT } from '../../src/cli/command.ts';
import { run } from './fixture.ts';

const read = (argv: readonly string[], env: NodeJS.ProcessEnv = {}) => {
  const command = {
    name: 'controller',
    summary: '',
    maxPositionals: 0,
    options: CONTROLLER_OPTIONS,
    run: () => EXIT.fine,
  } as const;
  return readControllerFlags(parseArguments(command, argv), env);
};

// A busy machine may need seconds to load the client of a cluster.
describe('the flags of the controller', { timeout: 60_000 }, () => {
  it('derive every name from the name of the release', async () => {
    const flags = await read(['--name', 'prod', '--namespace', 'teleport']);
    expect(flags.names.bot('payments')).toBe('prod-bot-payments');
    expect(flags.names.shard('payments', 1)).toBe('prod-bot-payments-1');
    expect(flags.names).toMatchObject({
      caSecret: 'prod-ca',
      status: 'prod-status',
      servingSecret: 'prod-webhook-tls',
      lease: 'prod-controller',
      webhookConfiguration: 'prod',
      service: 'prod-webhook',
    });
    expect(flags.servingNames).toEqual([
      'prod-webhook',
      'prod-webhook.teleport',
      'prod-webhook.teleport.svc',
      'prod-webhook.teleport.svc.cluster.local',
    ]);
  });

  it('may name the Service, and further names and addresses', async () => {
    const flags = await read([
      '--namespace',
      'a',
      '--service',
      'hook',
      '--serving-name',
      '::1',
      '--serving-name',
      'h.example',
    ]);
    expect(flags.servingNames).toEqual([
      'hook',
      'hook.a',
      'hook.a.svc',
      'hook.a.svc.cluster.local',
      '::1',
      'h.example',
    ]);
  });

  it('take the namespace from POD_NAMESPACE where it is not given', async () => {
    expect((await read([], { POD_NAMESPACE: 'from-env' })).namespace).toBe('from-env');
    expect((await read(['--namespace', 'given'], { POD_NAMESPACE: 'from-env' })).namespace).toBe('given');
  });

  it('name the ServiceAccount of a bot that does not run as the default one', async () => {
    const { accountOf } = await read(['--namespace', 'a', '--account', 'payments=teleport-payments']);
    expect(accountOf('payments')).toBe('teleport-payments');
    expect(accountOf('search')).toBe('tbot-injector-bot-search');
  });

  it('ask tbot at the Service of the chart, or elsewhere', async () => {
    expect((await read(['--namespace', 'a'])).tbotUrlOf).toBeUndefined();
    const url = 'http://{bot}.example/{bot}-{shard}';
    const { tbotUrlOf } = await read(['--namespace', 'a', '--tbot-url', url]);
    expect(tbotUrlOf?.({ bot: 'payments', shard: 2 })).toBe('http://payments.example/payments-2');
  });

  it.each(['', 'tbot:3001', 'https://{bot}:3001', 'http://[{bot}'])('ask no tbot at "%s"', async (url) => {
    await expect(read(['--namespace', 'a', '--tbot-url', url])).rejects.toThrow(
      `controller: found --tbot-url "${url}"; expected a URL such as http://{bot}-{shard}.example:3001`,
    );
  });

  it('leave certificates to another writer where they are given', async () => {
    expect((await read(['--namespace', 'a'])).keepsCertificates).toBe(true);
    expect((await read(['--namespace', 'a', '--certificates', 'given'])).keepsCertificates).toBe(false);
  });

  it.each([
    [['--namespace', 'A/b'], 'controller: found --namespace "A/b"; expected a name of lower-case letters'],
    [
      ['--namespace', 'a', '--name', '../x'],
      'controller: found --name "../x"; expected a name of lower-case letters',
    ],
    [
      ['--namespace', 'a', '--serving-name', 'a b'],
      'controller: found --serving-name "a b"; expected a name or address',
    ],
    [
      ['--namespace', 'a', '--health-port', 'x'],
      'controller: found --health-port "x"; expected a whole number',
    ],
    [
      ['--namespace', 'a', '--account', 'payments'],
      'controller: found --account ""; expected BOT=NAME, with the name of a ServiceAccount',
    ],
    [[], 'controller: found no namespace; expected a pod. Fix: pass --namespace'],
  ])('%j are refused', async (argv, message) => {
    await expect(read(argv)).rejects.toThrow(message);
  });

  it('end in one sentence if there is no cluster', async () => {
    const argv = [
      'controller',
      '--config',
      'examples/config.yaml',
      '--namespace',
      'a',
      '--kubeconfig',
      '/nowhere',
    ];
    const { code, stderr } = await run(argv);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^tbot-injector: controller: found no usable kubeconfig \(.*\); expected a cluster\. Fix: pass --kubeconfig\n$/,
    );
  });
});
