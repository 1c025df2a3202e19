import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { request } from 'node:https';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { pod, review } from './admission/fixture.ts';

const execute = promisify(execFile);
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

interface Line {
  readonly msg: string;
  readonly port?: number;
  readonly [field: string]: unknown;
}

/** The webhook as a process of its own, on free ports, with the lines of its log. */
function startWebhook(...flags: string[]): { child: ChildProcess; next: (msg: string) => Promise<Line> } {
  const options = ['--standalone', '--config', 'examples/config.yaml', '--port', '0', '--health-port', '0'];
  const child = spawn(process.execPath, ['src/main.ts', 'webhook', ...options, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (msg: string): Promise<Line> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`the log ended before "${msg}"`);
      const line = JSON.parse(value) as Line;
      if (line.msg === msg) return line;
    }
  };
  return { child, next };
}

async function mutate(port: number): Promise<unknown> {
  const ca = await readFile('certs/ca.crt', 'utf8');
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json' };
    const sent = request(
      { port, host: '127.0.0.1', path: '/mutate', method: 'POST', ca, headers, agent: false },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      },
    );
    sent.on('error', reject);
    sent.end(JSON.stringify(review(pod())));
  });
}

describe('the webhook process', () => {
  it('serves until SIGTERM, logs each review by allow-list, and ends with 0', async () => {
    const { child, next } = startWebhook('--quiet-ms', '100');
    const { port = 0 } = await next('listening');
    const { port: healthPort = 0 } = await next('listening for probes');
    const ready = await fetch(`http://127.0.0.1:${healthPort}/readyz`);
    expect(await ready.json()).toEqual({ status: 'ready', checks: { serving: true } });

    expect(await mutate(port)).toBe(200);
    const line = await next('review answered');
    expect(line).toMatchObject({
      level: 'info',
      endpoint: 'mutate',
      outcome: 'injected',
      uid: 'u-1',
      namespace: 'default',
      name: 'app',
      outputs: ['identity-output'],
    });
    expect(line['durationMs']).toBeTypeOf('number');
    expect(Object.keys(line).sort()).toEqual([
      'durationMs',
      'endpoint',
      'level',
      'msg',
      'name',
      'namespace',
      'outcome',
      'outputs',
      'reason',
      'time',
      'uid',
    ]);

    const metrics = await (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text();
    expect(metrics).toContain(
      'tbot_injector_admissions_total{endpoint="mutate",outcome="injected",reason=""} 1',
    );
    expect(metrics).toContain('tbot_injector_admissions_in_flight 0');
    expect(metrics).not.toContain('tbot_injector_admissions_by_namespace_total');

    const exited = new Promise((resolve) =>
      child.once('exit', (code, signal) => {
        resolve([code, signal]);
      }),
    );
    child.kill('SIGTERM');
    await next('draining');
    const draining = await fetch(`http://127.0.0.1:${healthPort}/readyz`);
    expect([draining.status, await draining.json()]).toEqual([
      503,
      { status: 'not ready', checks: { serving: false } },
    ]);
    await next('closed');
    expect(await exited).toEqual([0, null]);
  });

  it('says which port is taken, and how to choose another', async () => {
    const { next } = startWebhook();
    const { port = 0 } = await next('listening');
    const argv = [
      'src/main.ts',
      'webhook',
      '--standalone',
      '--config',
      'examples/config.yaml',
      '--port',
      String(port),
      '--health-port',
      '0',
    ];
    await expect(execute(process.execPath, argv)).rejects.toMatchObject({
      code: 2,
      stderr: `tbot-injector: webhook: found port ${port} that is in use; expected a free one. Fix: choose others with --port and --health-port\n`,
    });
  });

  it('says that it needs a cluster where it has none', async () => {
    const argv = [
      'src/main.ts',
      'webhook',
      '--config',
      'examples/config.yaml',
      '--tls-dir',
      'certs',
      '--kubeconfig',
      '/no/such',
    ];
    await expect(execute(process.execPath, argv)).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Fix: pass --kubeconfig, or --standalone to do without') as string,
    });
  });
});

describe('the demo', () => {
  it('shows both pods of the guide injected, a refusal and a warning', async () => {
    const { stdout, stderr } = await execute(process.execPath, ['examples/demo.ts'], {
      env: { ...process.env, NO_COLOR: '1' },
    });
    expect(stderr).toBe('');
    for (const text of [
      '+          mountPath: /identity-output',
      '+          mountPath: /var/run/secrets/tokens',
      '+          mountPath: /config',
      'POD_NAMESPACE',
      'KUBERNETES_TOKEN_PATH',
      'refused (422): 2 problems:',
      'warning: output identity-output',
    ]) {
      expect(stdout).toContain(text);
    }
    expect(stdout.split('\n').filter((line) => /^-(?!--)/.test(line))).toEqual([]);
  });

  it('runs every example that the README names', async () => {
    expect((await readdir('examples')).sort()).toEqual([
      'config.yaml',
      'consumer.yaml',
      'demo.ts',
      'refused.yaml',
      'tbot.yaml',
    ]);
  });
});

describe('npx tbot-injector', () => {
  it('works in the checkout', async () => {
    const { stdout } = await execute('npx', ['tbot-injector', '--version']);
    expect(stdout).toMatch(/^tbot-injector /);
  });

  it('ends quietly where its reader has seen enough', async () => {
    const { stdout } = await execute('bash', [
      '-o',
      'pipefail',
      '-c',
      `${process.execPath} src/main.ts explain | head -n 1`,
    ]);
    expect(stdout).toContain('tbot-injector.io/outputs');
  });
});
