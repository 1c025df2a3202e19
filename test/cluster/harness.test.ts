import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { connect } from './harness/api.ts';
import { type Cluster, startCluster } from './harness/cluster.ts';
import { eventually } from './harness/eventually.ts';

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'app' },
  spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }] },
};

describe.skipIf(inject('programs').kind === 'missing')('the test cluster', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster();
    await cluster.createNamespace('payments', { team: 'payments' });
    const created = await cluster.api('POST', '/api/v1/namespaces/payments/pods', pod);
    expect(created.status).toBe(201);
  });

  afterAll(async () => {
    await cluster.stop();
  });

  it('gives back the pod that was created', async () => {
    const { status, body } = await cluster.api('GET', '/api/v1/namespaces/payments/pods/app');
    expect(status).toBe(200);
    expect(body).toMatchObject({ metadata: { name: 'app' }, spec: { serviceAccountName: 'default' } });
  });

  it('shows the pod to kubectl', async () => {
    const { code, stdout } = await cluster.kubectl(['get', 'pods', '-n', 'payments', '-o', 'name']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'pod/app\n' });
  });

  it('applies what kubectl is given on stdin', async () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'empty', namespace: 'payments' } };
    const { stderr, stdout } = await cluster.kubectl(['apply', '-f', '-'], JSON.stringify(secret));
    expect({ stderr, stdout }).toEqual({ stderr: '', stdout: 'secret/empty created\n' });
  });

  it('is an API server that helm can talk to', async () => {
    const { code, stdout } = await cluster.helm(['list', '--all-namespaces', '--output', 'json']);
    expect({ code, stdout: stdout.trim() }).toEqual({ code: 0, stdout: '[]' });
  });

  it('passes on the warnings of the API server', async () => {
    const unknown = { ...pod, metadata: { name: 'warned' }, spec: { ...pod.spec, colour: 'blue' } };
    const path = '/api/v1/namespaces/payments/pods?dryRun=All&fieldValidation=Warn';
    const { warnings } = await cluster.api('POST', path, unknown);
    expect(warnings).toEqual(['unknown field "spec.colour"']);
  });

  it('refuses a caller without credentials', async () => {
    const anonymous = connect(cluster.url, cluster.ca);
    const { status } = await anonymous.api('GET', '/api/v1/namespaces/payments/secrets');
    anonymous.close();
    expect(status).toBe(403);
  });

  describe('as an OIDC issuer', () => {
    it('mints a pod-bound token that a stranger can verify as the Auth Service does', async () => {
      const binding = {
        metadata: { name: 'anyone-may-discover-the-issuer' },
        roleRef: {
          apiGroup: 'rbac.authorization.k8s.io',
          kind: 'ClusterRole',
          name: 'system:service-account-issuer-discovery',
        },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:unauthenticated' }],
      };
      await cluster.api('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', binding);
      const app = await cluster.api('GET', '/api/v1/namespaces/payments/pods/app');
      const { uid } = (app.body as { metadata: { uid: string } }).metadata;
      const request = {
        spec: {
          audiences: ['example.teleport.sh'],
          expirationSeconds: 600,
          boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'app', uid },
        },
      };
      const minted = await cluster.api(
        'POST',
        '/api/v1/namespaces/payments/serviceaccounts/default/token',
        request,
      );
      const { token } = (minted.body as { status: { token: string } }).status;

      const stranger = connect(cluster.url, cluster.ca);
      const discovery = await eventually('the issuer is public', async () => {
        const answer = await stranger.api('GET', '/.well-known/openid-configuration');
        return answer.status === 200 ? answer : undefined;
      });
      expect(discovery.body).toMatchObject({
        issuer: cluster.url,
        jwks_uri: `${cluster.url}/openid/v1/jwks`,
      });
      const keys = await stranger.api('GET', '/openid/v1/jwks');
      expect(keys.status).toBe(200);
      stranger.close();
      const jwks = keys.body as Parameters<typeof createLocalJWKSet>[0];
      const { payload } = await jwtVerify(token, createLocalJWKSet(jwks), {
        issuer: cluster.url,
        audience: 'example.teleport.sh',
        subject: 'system:serviceaccount:payments:default',
        requiredClaims: ['exp', 'iat'],
      });
      expect(payload).toMatchObject({
        'kubernetes.io': { namespace: 'payments', pod: { name: 'app', uid } },
      });
      expect(Number(payload.exp) - Number(payload.iat)).toBeLessThanOrEqual(1800);
    });
  });
});
