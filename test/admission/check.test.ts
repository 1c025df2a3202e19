import request from 'supertest';
import { describe, expect, it } from 'vitest';
import type { NamespaceSource } from '../../src/admission/settings.ts';
import { pod, review, testRoute, type RouteOptions } from './fixture.ts';

const WORKLOAD = { group: 'apps', version: 'v1', resource: 'deployments' };

function workload(
  kind: string,
  apiVersion: string,
  wrap: (template: unknown) => unknown,
  template: unknown,
): unknown {
  return { apiVersion, kind, metadata: { name: 'app' }, spec: wrap(template) };
}

const deployment = (template: unknown): unknown =>
  workload('Deployment', 'apps/v1', (it) => ({ template: it }), template);

const check = (object: unknown, more: Record<string, unknown> = {}, options: RouteOptions = {}) =>
  request(testRoute(options).listener)
    .post('/check')
    .send(review(object, { resource: WORKLOAD, ...more }));

describe('POST /check', () => {
  it('allows a workload, and warns at apply time why its pods will be refused', async () => {
    const answer = await check(deployment(pod({ 'tbot-injector.io/outputs': 'identity' })));
    expect(answer.body).toMatchObject({
      response: {
        allowed: true,
        warnings: [
          'pods of this Deployment will be refused: tbot-injector.io/outputs: found "identity"; expected an output granted to namespace default: identity-output. Fix: ask your platform team to grant "identity" to namespace default',
        ],
        auditAnnotations: { outcome: 'checked' },
      },
    });
    expect(answer.body).not.toHaveProperty('response.patch');
  });

  it.each([
    ['StatefulSet', 'apps/v1', (template: unknown) => ({ template })],
    ['DaemonSet', 'apps/v1', (template: unknown) => ({ template })],
    ['Job', 'batch/v1', (template: unknown) => ({ template })],
    ['CronJob', 'batch/v1', (template: unknown) => ({ jobTemplate: { spec: { template } } })],
  ] as const)('finds the pod template of a %s', async (kind, apiVersion, wrap) => {
    const answer = await check(workload(kind, apiVersion, wrap, pod({ 'tbot-injector.io/output': 'a' })));
    expect(answer.body).toHaveProperty(
      'response.warnings.0',
      expect.stringContaining(`pods of this ${kind} will be refused`),
    );
  });

  it('does not warn of a workload without problems', async () => {
    expect((await check(deployment(pod()))).body).not.toHaveProperty('response.warnings');
  });

  it('warns of annotations on the workload instead of its template', async () => {
    const object = {
      ...(deployment({}) as object),
      metadata: { annotations: { 'tbot-injector.io/outputs': 'a' } },
    };
    expect((await check(object)).body).toHaveProperty('response.warnings', [
      'tbot-injector.io/outputs on the Deployment itself has no effect: move it to spec.template.metadata.annotations',
    ]);
  });

  it('warns of restarts that a workload asks for and cannot have', async () => {
    const asking = (every: string) => ({
      ...(deployment(pod()) as object),
      metadata: { annotations: { 'tbot-injector.io/restart-every': every } },
    });
    expect((await check(asking('20h'))).body).toHaveProperty('response.warnings', [
      'this Deployment will not be restarted: tbot-injector.io/restart-every: found 20h, and credentials of identity-output that live 1h and are renewed every 20m; expected a credential_ttl of at least 20h20m: the interval, and one renewal_interval. Fix: set bots.example.tbot.credential_ttl: 20h20m or more',
    ]);
    const refused = {
      ...asking('1h'),
      spec: { template: pod({ 'tbot-injector.io/outputs': 'payments-db' }) },
    };
    expect((await check(refused)).body).toHaveProperty('response.warnings', [
      expect.stringMatching(/^this Deployment will not be restarted: .*found "1h"/),
      expect.stringMatching(/^pods of this Deployment will be refused: .*found "payments-db"/),
    ]);
  });

  it('never refuses: neither an unreadable Namespace nor an unknown kind nor a subresource', async () => {
    const namespaces: NamespaceSource = {
      cached: () => undefined,
      read: () => Promise.resolve({ kind: 'unreadable', reason: 'down' }),
    };
    for (const answer of [
      await check(deployment(pod()), {}, { namespaces }),
      await check({ apiVersion: 'x.io/v1', kind: 'Rollout' }),
      await check(null),
      await check(deployment(pod({ 'tbot-injector.io/outputs': 'x' })), { subResource: 'scale' }),
    ]) {
      expect(answer.body).toMatchObject({ response: { allowed: true } });
      expect(answer.body).not.toHaveProperty('response.warnings');
    }
  });
});
