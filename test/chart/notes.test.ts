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

  it.each([
    ['eks', 'iam', 'arn:aws:sts::111122223333:assumed-role/tbot-payments/*', 'eks.amazonaws.com/role-arn'],
    [
      'gke',
      'gcp',
      'project_ids: ["example-project"], service_accounts: ["tbot-payments@example-project.iam.gserviceaccount.com"]',
      'iam.gke.io/gcp-service-account',
    ],
  ])('say what the join token must allow on %s, by %s', async (example, method, allows, annotation) => {
    const values = ['--values', join(CHART, `examples/${example}.yaml`)];
    const text = await notes(...values);
    expect(text).toContain(`token payments-bot (${method})`);
    expect(text).toContain(allows);
    expect(text).not.toContain('WARNING');
    const of = 'bots.payments.deployment.serviceAccount';
    const none = await notes(...values, '--set-json', `${of}.annotations={"${annotation}":""}`);
    expect(none).toContain('that service account tbot-system:tbot-injector-bot-payments has');
    expect(none).toContain(
      `bots.payments joins by ${method}, and its ServiceAccount has no annotation ${annotation}`,
    );
    const given = await notes(
      ...values,
      '--set-json',
      `${of}={"create":false,"name":"mine","annotations":{"${annotation}":""}}`,
    );
    expect(given).not.toContain('WARNING');
  });

  it.each([
    [['webhook.replicas=1'], 'webhook.replicas is 1'],
    [['webhook.autoscaling.enabled=true', 'webhook.autoscaling.minReplicas=1'], 'minReplicas is 1'],
    [['controller.replicas=1'], 'controller.replicas is 1'],
    [['webhook.mutate.failurePolicy=Ignore', 'policies.guard.enabled=false'], 'no guard denies'],
    [['webhook.mutate.failurePolicy=Ignore', 'policies.guard.validationActions={Warn}'], 'no guard denies'],
    [['policies.guardrails.enabled=false'], 'policies.guardrails deny nothing'],
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
