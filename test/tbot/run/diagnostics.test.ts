import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readServiceStatuses } from '../../../src/credentials/readiness.ts';
import { serveDiagnostics, type Diagnostics } from './diagnostics.ts';
import { Metrics } from './metrics.ts';
import { Readiness } from './readiness.ts';

let readiness: Readiness;
let metrics: Metrics;
let served: Diagnostics;

beforeEach(async () => {
  readiness = new Readiness();
  metrics = new Metrics();
  readiness.restart('identity', 'team+one');
  served = await serveDiagnostics({ host: '127.0.0.1', port: 0, readiness, metrics });
});

afterEach(() => {
  served.close();
});

const ask = async (path: string): Promise<readonly [status: number, body: unknown]> => {
  const answer = await fetch(served.url + path);
  const isJson = answer.headers.get('content-type') === 'application/json';
  return [answer.status, isJson ? await answer.json() : await answer.text()];
};

describe('the diagnostics of tbot', () => {
  it('say that it lives', async () => {
    expect(await ask('/livez')).toEqual([200, 'OK']);
  });

  it('call it healthy when every service is, its own among them', async () => {
    readiness.report('team+one', 'healthy');
    expect((await ask('/readyz'))[0]).toBe(503);
    readiness.report('identity', 'healthy');
    const [status, body] = await ask('/readyz');
    expect(status).toBe(200);
    const healthy = { status: 'healthy', updated_at: expect.any(String) as string };
    expect(body).toEqual({ status: 'healthy', services: { identity: healthy, 'team+one': healthy } });
  });

  it('are what the controller reads', async () => {
    readiness.report('team+one', 'unhealthy', 'access denied');
    const text = await (await fetch(`${served.url}/readyz`)).text();
    expect(readServiceStatuses(text)).toEqual(
      new Map([['team+one', { kind: 'unhealthy', reason: 'access denied' }]]),
    );
  });

  it('tell of one service', async () => {
    readiness.report('team+one', 'unhealthy', 'no');
    expect(await ask('/readyz/team+one')).toEqual([
      503,
      expect.objectContaining({ status: 'unhealthy', reason: 'no' }),
    ]);
    expect(await ask('/readyz/identity')).toEqual([503, { status: 'initializing', updated_at: null }]);
    expect(await ask('/readyz/nope')).toEqual([404, { error: 'Service named "nope" not found.' }]);
  });

  it.each([
    ['/wait', ['identity', 'team+one']],
    ['/wait/team+one', ['team+one']],
  ])('answer %s at the first report, healthy or not', async (path, awaited) => {
    const answer = ask(path);
    for (const name of awaited) {
      expect(await Promise.race([answer, later('waiting')])).toBe('waiting');
      readiness.report(name, 'unhealthy');
    }
    expect((await answer)[0]).toBe(503);
  });

  it('count the iterations of its loops', async () => {
    metrics.count('team+one', 'output-renewal', 'failed');
    metrics.count('team+one', 'output-renewal', 'successful');
    const [, text] = await ask('/metrics');
    expect(text).toContain('tbot_task_iterations_total{name="output-renewal",service="team+one"} 2\n');
    expect(text).toContain('tbot_task_iterations_failed{name="output-renewal",service="team+one"} 1\n');
  });

  it('know no other page', async () => {
    expect(await ask('/')).toEqual([404, expect.stringContaining('404')]);
  });

  it('cannot have a port that is taken', async () => {
    const port = Number(new URL(served.url).port);
    await expect(serveDiagnostics({ host: '127.0.0.1', port, readiness })).rejects.toThrow('EADDRINUSE');
  });
});

function later<T>(value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(resolve, 50, value));
}
