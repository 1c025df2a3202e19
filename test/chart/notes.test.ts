import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { CHART } from '../cluster/harness/installation.ts';
import { runCommand } from '../cluster/harness/command.ts';
import { expectGolden } from './golden.ts';

const MINIMAL = ['--values', join(import.meta.dirname, 'minimal-values.yaml')];
const BOTS = ['--values', join(CHART, 'examples/team-bots.yaml')];

/** What helm prints after an installation. */
async function notes(...flags: string[]): Promise<string> {
  const programs = inject('programs');
  if (programs.kind === 'missing') throw new Error(programs.reason);
  const args = ['install', 'tbot-injector', CHART, '--namespace', 'tbot-system', '--dry-run=client'];
  const { code, stdout, stderr } = await runCommand(programs.files.helm, [...args, ...flags]);
  if (code !== 0) throw new Error(stderr);
  return `${stdout.slice(stdout.indexOf('\nNOTES:\n') + '\nNOTES:\n'.length).trimEnd()}\n`;
}

describe.skipIf(inject('programs').kind === 'missing')('the notes after an installation', () => {
  it('say what to do next, with the names of the values', async () => {
    await expectGolden('notes-bots.txt', await notes(...BOTS));
  });

  it('say that a bot is missing', async () => {
    await expectGolden('notes-no-bots.txt', await notes(...MINIMAL));
  });

  it('say which account a cloud must know', async () => {
    const eks = ['--values', join(CHART, 'examples/eks.yaml')];
    expect(await notes(...eks)).toContain('service account tbot-system:tbot-injector-bot-payments');
  });

  it.each([
    [['webhook.replicas=1'], 'webhook.replicas is 1'],
    [['webhook.autoscaling.enabled=true', 'webhook.autoscaling.minReplicas=1'], 'minReplicas is 1'],
    [['controller.replicas=1'], 'controller.replicas is 1'],
    [['webhook.mutate.failurePolicy=Ignore', 'policies.guard.enabled=false'], 'no guard denies'],
    [['webhook.mutate.failurePolicy=Ignore', 'policies.guard.validationActions={Warn}'], 'no guard denies'],
    [['policies.fences.enabled=false'], 'policies.fences deny nothing'],
  ])('warn of %s', async (values, warning) => {
    const text = await notes(...BOTS, ...values.flatMap((value) => ['--set', value]));
    expect(text).toContain('WARNING: ');
    expect(text).toContain(warning);
  });

  it('do not warn of Ignore beside a guard', async () => {
    const text = await notes(...BOTS, '--set', 'webhook.mutate.failurePolicy=Ignore');
    expect(text).not.toContain('WARNING');
  });
});
