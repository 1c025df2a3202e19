import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { pod, review } from './admission/fixture.ts';
import { startWebhookProcess } from './webhook-process.ts';

const execute = promisify(execFile);
const STANDALONE = ['--standalone', '--config', 'examples/config.yaml'];

async function mutate(url: string): Promise<number | undefined> {
  const ca = await readFile('certs/ca.crt', 'utf8');
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', ca, headers: { 'Content-Type': 'application/json' }, agent: false };
    const sent = request(`${url}/mutate`, options, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    sent.on('error', reject);
    sent.end(JSON.stringify(review(pod())));
  });
}

describe('the webhook process', () => {
  it('serves until SIGTERM, logs each review by allow-list, and ends with 0', async () => {
    const webhook = await startWebhookProcess(...STANDALONE, '--quiet-ms', '100');
    onTestFinished(() => void webhook.end('SIGKILL'));
    const ready = await fetch(`${webhook.healthUrl}/readyz`);
    expect(await ready.json()).toEqual({ status: 'ready', checks: { serving: true, certificate: true } });

    expect(await mutate(webhook.url)).toBe(200);
    const line = await webhook.nextLine('review answered');
    expect(line).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
      msg: 'review answered',
      endpoint: 'mutate',
      outcome: 'injected',
      reason: '',
      uid: 'u-1',
      namespace: 'default',
      name: 'app',
      outputs: ['identity-output'],
      durationMs: expect.any(Number) as number,
    });
    const metrics = await webhook.metrics();
    expect(metrics).toContain(
      'tbot_injector_admissions_total{endpoint="mutate",outcome="injected",reason=""} 1',
    );
    expect(metrics).toContain('tbot_injector_in_flight_admissions 0');
    expect(metrics).not.toContain('tbot_injector_admissions_by_namespace_total');

    const ended = webhook.end('SIGTERM');
    await webhook.nextLine('draining');
    const draining = await fetch(`${webhook.healthUrl}/readyz`);
    expect([draining.status, await draining.json()]).toEqual([
      503,
      {
        status: 'not ready',
        checks: { serving: false, certificate: true },
      },
    ]);
    await webhook.nextLine('closed');
    expect(await ended).toEqual([0, null]);
  });

  it('says which port is taken, and how to choose another', async () => {
    const webhook = await startWebhookProcess(...STANDALONE);
    onTestFinished(() => void webhook.end('SIGKILL'));
    const { port } = new URL(webhook.url);
    const argv = ['src/main.ts', 'webhook', ...STANDALONE, '--port', port, '--health-port', '0'];
    await expect(execute(process.execPath, argv)).rejects.toMatchObject({
      code: 2,
      stderr: `tbot-injector: webhook: found port ${port} that is in use; expected a free one. Fix: choose others with --port and --health-port\n`,
    });
  });

  it('says that it needs a cluster if there is none', async () => {
    const files = ['--config', 'examples/config.yaml', '--tls-dir', 'certs', '--kubeconfig', '/no/such'];
    await expect(execute(process.execPath, ['src/main.ts', 'webhook', ...files])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Fix: pass --kubeconfig, or --standalone to do without') as string,
    });
  });
});

describe('the demo', () => {
  it('shows both pods of the guide injected, a refusal and a warning', async () => {
    const env = { ...process.env, NO_COLOR: '1' };
    const { stdout, stderr } = await execute(process.execPath, ['examples/demo.ts'], { env });
    expect(stderr).toBe('');
    for (const text of [
      '+          mountPath: /identity-output',
      '+          mountPath: /var/run/secrets/tokens',
      '+          mountPath: /config',
      '+        - name: POD_NAMESPACE',
      '+        - name: KUBERNETES_TOKEN_PATH',
      'refused (422): 2 problems:',
      'warning: output identity-output',
    ]) {
      expect(stdout).toContain(text);
    }
    expect(stdout.split('\n').filter((line) => /^-(?!--)/.test(line))).toEqual([]);
  });
});

describe('tbot-injector as a program', () => {
  it('runs by npx in the checkout', async () => {
    const { stdout } = await execute('npx', ['tbot-injector', '--version']);
    expect(stdout).toMatch(/^tbot-injector /);
  });

  it('ends quietly when its reader closes the pipe', async () => {
    const program = `${process.execPath} src/main.ts explain | head -n 1`;
    const { stdout } = await execute('bash', ['-o', 'pipefail', '-c', program]);
    expect(stdout).toContain('tbot-injector.io/outputs');
  });
});
