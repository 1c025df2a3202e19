import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { createHealthApp } from '../../src/health/server.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';

const metrics = createMetrics({ version: '1.2.3', process: 'webhook' });
const app = (checks: Record<string, () => boolean> = {}) =>
  createHealthApp({ checks, metrics: () => metrics.render() });

describe('the health port', () => {
  it('answers /healthz while the event loop runs', async () => {
    const answer = await request(app({ never: () => false })).get('/healthz');
    expect([answer.status, answer.body]).toEqual([200, { status: 'ok' }]);
  });

  it('is ready while every check holds, and names each', async () => {
    const answer = await request(app({ serving: () => true, namespaces: () => true })).get('/readyz');
    expect([answer.status, answer.body]).toEqual([
      200,
      { status: 'ready', checks: { serving: true, namespaces: true } },
    ]);
  });

  it('is not ready where one does not', async () => {
    const answer = await request(app({ serving: () => true, namespaces: () => false })).get('/readyz');
    expect([answer.status, answer.body]).toEqual([
      503,
      { status: 'not ready', checks: { serving: true, namespaces: false } },
    ]);
  });

  it('shows metrics as Prometheus reads them', async () => {
    const answer = await request(app()).get('/metrics');
    expect(answer.headers['content-type']).toContain('text/plain; version=0.0.4');
    expect(answer.text).toContain('tbot_injector_build_info{version="1.2.3"} 1');
  });

  it('answers 404 on every other path', async () => {
    expect((await request(app()).get('/debug')).status).toBe(404);
  });

  it('reports an error without its text', async () => {
    const failing = createHealthApp({ checks: {}, metrics: () => Promise.reject(new Error('secret')) });
    const answer = await request(failing).get('/metrics');
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('secret');
  });
});
