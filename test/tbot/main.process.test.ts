import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTbot, type TbotProcess } from './program.ts';
import { surroundings, type Surroundings } from './surroundings.ts';

const GOLDEN = 'test/credentials/golden/everybody-0.tbot.yaml';
const CHART = ['--diag-addr=127.0.0.1:0'];
const SLOW = ['--player-every', '1h'];

let around: Surroundings;
const running: TbotProcess[] = [];

beforeEach(async () => {
  around = await surroundings();
});

afterEach(async () => {
  for (const tbot of running.splice(0)) {
    tbot.kill('SIGKILL');
    await tbot.ended;
  }
  await around.close();
});

function start(config: string, ...more: readonly string[]): TbotProcess {
  const tbot = startTbot(['start', `--config=${config}`, ...CHART, ...more], around.env);
  running.push(tbot);
  return tbot;
}

async function untilStatus(url: string, status: number): Promise<unknown> {
  for (;;) {
    const answer = await fetch(url);
    const body = await answer.text();
    if (answer.status === status) return JSON.parse(body) as unknown;
    await sleep(50);
  }
}

describe('tbot, as the chart starts it', () => {
  it('proves its destinations, joins, writes, renews when it is told to, and dies of SIGTERM', async () => {
    const tbot = start(GOLDEN, ...SLOW);
    const url = await tbot.url;
    expect((await fetch(`${url}/wait`)).status).toBe(200);
    const body = await untilStatus(`${url}/readyz`, 200);
    expect(body).toMatchObject({ services: { 'checkout+identity-output': { status: 'healthy' } } });
    expect(around.secrets.size).toBe(9);
    const discovered = around.asked.indexOf('GET /.well-known/openid-configuration');
    const before = around.asked.slice(0, discovered);
    expect(before).toHaveLength(2 * 9);
    expect(before.every((each) => each.startsWith('GET') || each.endsWith('&dryRun=All'))).toBe(true);
    tbot.kill('SIGHUP');
    await expect.poll(() => identity('web-3'), { timeout: 20_000 }).toBe('identity 2');
    tbot.kill('SIGTERM');
    expect(await tbot.ended).toMatchObject({ code: null, signal: 'SIGTERM' });
  });

  it('writes one key after the other', async () => {
    const text = (await readFile(GOLDEN, 'utf8')).replace(/(destination:\n(?: {6}.+\n){3})[^]*/, '$1');
    await start(await around.write('tbot.yaml', text), '--oneshot').ended;
    const writes = around.asked.filter((each) => each.endsWith('?fieldManager=tbot'));
    expect(writes).toHaveLength(10);
    expect(Object.keys(around.secrets.get('checkout/identity-output') ?? {})).toHaveLength(10);
  });

  it('is one process', async () => {
    const { pid, url } = start(GOLDEN, ...SLOW);
    await url;
    expect(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')).toBe('');
  });

  it('lets others wait for one of its services', async () => {
    const tbot = start(GOLDEN, ...SLOW);
    const address = `--diag-addr=${new URL(await tbot.url).host}`;
    const wait = startTbot(['wait', address, '--service', 'web-3+identity-output', '--timeout', '30s'], {});
    expect((await wait.ended).code).toBe(0);
    const vain = startTbot(['wait', address, '--service', 'nope', '--timeout', '1s'], {});
    expect(await vain.ended).toMatchObject({ code: 1, said: 'ERROR: timed out waiting for nope\n' });
  });

  it('goes on without a join that fails later, and says so', async () => {
    const tbot = start(GOLDEN, '--player-every', '200ms');
    const url = await tbot.url;
    await untilStatus(`${url}/readyz`, 200);
    await rm(around.env['KUBERNETES_TOKEN_PATH'] ?? '');
    expect(await untilStatus(`${url}/readyz/identity`, 503)).toMatchObject({
      status: 'unhealthy',
      reason: expect.stringMatching(/^renewing identity\n\topen .*join-sa-token: no such file/) as string,
    });
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    expect((await fetch(`${url}/readyz/web-3+identity-output`)).status).toBe(200);
  });

  it('tells of a service that it cannot write after five tries, and goes on with the others', async () => {
    const tbot = start(GOLDEN, '--player-every', '200ms');
    const url = await tbot.url;
    await untilStatus(`${url}/readyz`, 200);
    const conflict = 'Apply failed with 1 conflict: conflict with "kubectl-edit": .data.key';
    around.refuse('/web-3/', conflict);
    expect(await untilStatus(`${url}/readyz`, 503)).toMatchObject({
      status: 'unhealthy',
      services: {
        'web-3+identity-output': { reason: conflict },
        'web-2+identity-output': { status: 'healthy' },
      },
    });
  });

  function identity(namespace: string): string {
    return atob(around.secrets.get(`${namespace}/identity-output`)?.['identity'] ?? '');
  }
});

describe('tbot ends at its start with 1 and one sentence', () => {
  it('for a service that it refuses, before it sends a request', async () => {
    const text = (await readFile(GOLDEN, 'utf8')).replace(
      'name: web-3',
      'ssh_config: maybe\n    name: web-3',
    );
    const { code, said } = await start(await around.write('tbot.yaml', text)).ended;
    expect([code, said]).toEqual([
      1,
      'ERROR: validating service[7]\n\tssh_config: unrecognized value "maybe"\n',
    ]);
    expect(around.asked).toEqual([]);
  });

  it('for the first destination that fails, before it joins', async () => {
    const forbidden = 'secrets "identity-output" is forbidden: User "x" cannot patch resource "secrets"';
    around.refuse('/payments/', forbidden);
    const { code, said } = await start(GOLDEN).ended;
    expect(code).toBe(1);
    expect(said).toContain(`ERROR: initializing destination of payments+identity-output\n\t${forbidden}\n`);
    expect(around.asked.at(-1)).toContain('/payments/');
  });

  it('for a join that fails, before it serves or writes', async () => {
    await around.write('join-sa-token', await around.issuer.token({ aud: ['kubernetes'] }));
    const { code, said } = await start(GOLDEN).ended;
    expect(code).toBe(1);
    expect(said).toContain(
      'ERROR: initializing identity service\n\tjoining with token\n\t\treviewing kubernetes',
    );
    expect(said).toContain('audience is not valid: Audience must contain client_id "example.teleport.sh"\n');
    expect(said).not.toContain('diagnostics');
    expect(around.secrets.size).toBe(0);
  });

  it('for a port that is taken', async () => {
    const url = new URL(await start(GOLDEN, ...SLOW).url);
    const { code, said } = await start(GOLDEN, `--diag-addr=${url.host}`).ended;
    expect([code, said]).toEqual([1, expect.stringContaining('EADDRINUSE')]);
  });

  it('for a file that is not there', async () => {
    expect(await start('/nope/tbot.yaml').ended).toMatchObject({
      code: 1,
      said: 'ERROR: failed to open file: /nope/tbot.yaml\n',
    });
  });
});
